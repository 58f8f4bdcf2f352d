import type { PeerId, SwarmId } from "../../../protocol/index.ts";
import type { Member, Random } from "../../../swarm/index.ts";
import type { Link } from "../connection/link.ts";
import type { Keys } from "../keys.ts";
import { readTexts } from "../replies.ts";
import { type Circle, entriesIn, fieldsToDraw } from "./circles.ts";
import type { MemberCache } from "./member-cache.ts";
import { memberOf } from "./rows.ts";

export type Standing = {
  /** Circles of a swarm, everybody's first. */
  readonly circles: readonly Circle[];
  /** Members whose lease lasts. */
  readonly size: number;
  /** Members whose lease ran out by `until` (milliseconds on Redis's clock) may still stand in the circles, or none do. */
  readonly expired: "none" | { readonly until: number };
};

/** How often a draw looks again when a circle is no longer where it was. It moves once, when it outgrows its first field. */
const TRIES = 3;

/** Draws other members than `self`, at random from each circle. `look` finds out how the circles stand now. */
export type Draw = (
  swarm: SwarmId,
  self: PeerId,
  standing: Standing,
  look: () => Promise<Standing>,
) => Promise<readonly Member[]>;

type DrawParts = {
  readonly link: Link;
  readonly keys: Keys;
  readonly cache: MemberCache;
  readonly random: Random;
};

/** Reads fields of hashes alone, outside of any script: that costs Redis next to nothing. */
export function createDraw({ link, keys, cache, random }: DrawParts): Draw {
  const readFields = async (swarm: SwarmId, fields: readonly string[]): Promise<(string | null)[]> => {
    const key = keys.swarm(swarm);
    return fields.length === 0 ? [] : readTexts(await link.send(key, ["HMGET", key, ...fields]));
  };
  const membersBehind = async (swarm: SwarmId, entries: Iterable<string>): Promise<Member[]> => {
    const members: Member[] = [];
    const unknown: string[] = [];
    for (const entry of entries) {
      const member = cache.get(entry);
      if (member) members.push(member);
      else unknown.push(entry);
    }
    const rows = await readFields(swarm, unknown);
    for (const [index, entry] of unknown.entries()) {
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

  return async (swarm, self, standing, look) => {
    for (let tried = 0; tried < TRIES; tried++) {
      const { circles, expired } = tried === 0 ? standing : await look();
      const entries = entriesIn(await readFields(swarm, fieldsToDraw(circles, random)));
      if (entries === "moved") continue;
      const others = (await membersBehind(swarm, entries)).filter(({ id }) => id !== self);
      return expired === "none" ? others : withLease(swarm, others, expired.until);
    }
    return [];
  };
}
