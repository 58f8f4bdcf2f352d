import type { PeerId, SwarmId } from "../../../protocol/index.ts";
import type { Member } from "../../../swarm/index.ts";
import type { Link } from "../connection/link.ts";
import type { Keys } from "../keys.ts";
import { readTexts } from "../replies.ts";
import { entriesIn } from "./circles.ts";
import type { MemberCache } from "./member-cache.ts";
import { memberOf } from "./rows.ts";

/** What a script has drawn for a member from the circles around it. */
export type Drawn = {
  /** Entries in a row. */
  readonly texts: readonly (string | null)[];
  /** Members of the swarm whose lease lasts. */
  readonly size: number;
  /** Members whose lease ran out by `until` (milliseconds on Redis's clock) may be among them, or none are. */
  readonly expired: "none" | { readonly until: number };
};

/** The members behind what was drawn, but for `self`. */
export type MembersIn = (swarm: SwarmId, self: PeerId, drawn: Drawn) => Promise<readonly Member[]>;

type DrawParts = { readonly link: Link; readonly keys: Keys; readonly cache: MemberCache };

export function createMembersIn({ link, keys, cache }: DrawParts): MembersIn {
  const fetchAll = async (swarm: SwarmId, entries: readonly string[]): Promise<Member[]> => {
    const key = keys.swarm(swarm);
    const rows = readTexts(await link.send(key, ["HMGET", key, ...entries]));
    const members: Member[] = [];
    for (const [index, entry] of entries.entries()) {
      const member = memberOf(rows[index] ?? "");
      if (!member) continue;
      cache.put(entry, member);
      members.push(member);
    }
    return members;
  };
  const withLease = async (swarm: SwarmId, members: readonly Member[], until: number): Promise<Member[]> => {
    if (members.length === 0) return [];
    const key = keys.leases(swarm);
    const ends = await link.send(key, ["ZMSCORE", key, ...members.map(({ id }) => id)]);
    return members.filter((_, index) => Array.isArray(ends) && Number(ends[index] ?? 0) > until);
  };

  return async (swarm, self, { texts, expired }) => {
    const members: Member[] = [];
    const unknown: string[] = [];
    for (const entry of entriesIn(texts)) {
      const member = cache.get(entry);
      if (member) members.push(member);
      else unknown.push(entry);
    }
    if (unknown.length > 0) members.push(...(await fetchAll(swarm, unknown)));
    const others = members.filter(({ id }) => id !== self);
    return expired === "none" ? others : withLease(swarm, others, expired.until);
  };
}
