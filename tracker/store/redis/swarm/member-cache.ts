import type { Member } from "../../../swarm/index.ts";

/** Members of one generation. Each candidate is drawn again and again, so nearly all are remembered. */
const GENERATION = 32_768;

/**
 * Members by their entry, so that Redis is asked once for each. An entry is random and never given twice, so what it stands
 * for never changes. Those not asked for during a whole generation are forgotten.
 */
export type MemberCache = {
  readonly get: (entry: string) => Member | undefined;
  readonly put: (entry: string, member: Member) => void;
};

export function createMemberCache(generation = GENERATION): MemberCache {
  let young = new Map<string, Member>();
  let old = new Map<string, Member>();

  const put = (entry: string, member: Member): void => {
    young.set(entry, member);
    if (young.size < generation) return;
    old = young;
    young = new Map();
  };
  return {
    put,
    get(entry) {
      const fresh = young.get(entry);
      if (fresh) return fresh;
      const stale = old.get(entry);
      if (stale) put(entry, stale);
      return stale;
    },
  };
}
