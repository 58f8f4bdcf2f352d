import type { PeerId, SwarmId } from "../../../protocol/index.ts";
import type { Member } from "../../../swarm/index.ts";
import type { Candidates, SwarmStore } from "../../port.ts";
import type { Link } from "../connection/link.ts";
import type { Keys } from "../keys.ts";
import type { Settings } from "../options.ts";
import { readNumber, readText, readTexts } from "../replies.ts";
import type { RunScript } from "../scripts.ts";
import { circleNames, createEntry } from "./circles.ts";
import { createMembersIn, type Drawn } from "./draw.ts";
import { createMemberCache } from "./member-cache.ts";
import { memberOf, rowOf } from "./rows.ts";

/** Leases renewed by one script, which Redis runs in about a tenth of a millisecond. */
const LEASES_PER_SCRIPT = 64;
/** Joins within this share of a lease are one rush: by no more than that the keys of a swarm end before its last lease. */
const RUSH = 1 / 64;
/** Redis keeps 31 bits of a seed. */
const SEEDS = 2 ** 31;

type Membership = Pick<SwarmStore, "join" | "leave" | "candidates" | "size" | "lookup" | "renew">;

export function createMembership(settings: Settings, keys: Keys, link: Link, run: RunScript): Membership {
  const { leaseMs, random } = settings;
  const cache = createMemberCache();
  const membersIn = createMembersIn({ link, keys, cache });
  /** Redis's own random numbers need one to begin with. */
  const seed = (): string => String(Math.floor(random() * SEEDS));

  let prolonged = new Set<SwarmId>();
  let prolongedSince = 0;
  /** Whether it is time to prolong the life of a swarm's keys again: in a rush of joins one of them is enough. */
  const prolongs = (swarm: SwarmId): boolean => {
    const now = performance.now();
    if (now - prolongedSince >= leaseMs * RUSH) {
      prolonged = new Set();
      prolongedSince = now;
    }
    if (prolonged.has(swarm)) return false;
    prolonged.add(swarm);
    return true;
  };

  const candidatesOf = async (swarm: SwarmId, self: Member, drawn: Drawn): Promise<Candidates> => ({
    size: drawn.size,
    candidates: await membersIn(swarm, self.id, drawn),
  });
  const renewPart = async (swarm: SwarmId, peers: readonly PeerId[]): Promise<readonly PeerId[]> => {
    const lost = new Set<string | null>(readTexts(await run("renew", keys.all(swarm), [String(leaseMs), ...peers])));
    return peers.filter((peer) => lost.has(peer));
  };

  return {
    async join(swarm, member) {
      const entry = createEntry(random);
      const names = circleNames(member.locality);
      const args = [String(leaseMs), member.id, entry, rowOf(member), seed(), prolongs(swarm) ? "1" : "", ...names];
      const drawn = readDrawn(await run("join", keys.all(swarm), args));
      cache.put(entry, member);
      return candidatesOf(swarm, member, drawn);
    },
    async leave(swarm, peer) {
      await run("leave", keys.all(swarm), [peer]);
    },
    async candidates(swarm, self) {
      const args = [seed(), ...circleNames(self.locality)];
      return candidatesOf(swarm, self, readDrawn(await run("stand", keys.members(swarm), args)));
    },
    async size(swarm) {
      return readNumber(await run("size", keys.members(swarm), []));
    },
    async lookup(swarm, peer) {
      const row = readText(await run("lookup", keys.members(swarm), [peer]));
      return row === null ? undefined : memberOf(row);
    },
    async renew(swarm, peers) {
      return (await Promise.all(inParts(peers).map((part) => renewPart(swarm, part)))).flat();
    },
  };
}

function readDrawn(reply: unknown): Drawn {
  const [now, size, ...texts] = Array.isArray(reply) ? reply : [];
  const until = readNumber(now);
  return { texts: readTexts(texts), size: readNumber(size), expired: until === 0 ? "none" : { until } };
}

const inParts = (peers: readonly PeerId[]): PeerId[][] =>
  Array.from({ length: Math.ceil(peers.length / LEASES_PER_SCRIPT) }, (_, part) =>
    peers.slice(part * LEASES_PER_SCRIPT, (part + 1) * LEASES_PER_SCRIPT),
  );
