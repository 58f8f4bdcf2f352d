/** Tokens whose uses are counted at one time; beyond that, the one that was first seen longest ago begins anew. */
const MOST_TOKENS = 100_000;

/** How often a token may be used: `token` names it, `expiresAt` in milliseconds since 1970. */
export type UseLimit = { readonly token: string; readonly uses: number; readonly expiresAt: number };

/** Counts the uses of tokens in this process. False when this one has been used as often as it may. */
export type TakeUse = (limit: UseLimit, now: number) => boolean;

export function createTokenUses(most = MOST_TOKENS): TakeUse {
  const used = new Map<string, { count: number; readonly until: number }>();
  const makeRoom = (now: number): void => {
    for (const [token, { until }] of used) {
      if (until > now && used.size < most) return;
      used.delete(token);
    }
  };
  return ({ token, uses, expiresAt }, now) => {
    const known = used.get(token);
    if (known !== undefined) {
      if (known.count >= uses) return false;
      known.count += 1;
      return true;
    }
    makeRoom(now);
    used.set(token, { count: 1, until: expiresAt });
    return true;
  };
}
