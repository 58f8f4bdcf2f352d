import type { PeerId, SwarmId } from "../../../protocol/index.ts";
import type { Member } from "../../../swarm/index.ts";
import type { Candidates, SwarmStore } from "../../port.ts";
import type { Link } from "../connection/link.ts";
import type { Keys } from "../keys.ts";
import type { Settings } from "../options.ts";
import { readNumber, readNumbers, readText, readTexts } from "../replies.ts";
import type { RunScript } from "../scripts.ts";
import { circleNames, createEntry } from "./circles.ts";
import { createDraw, type Standing } from "./draw.ts";
import { createMemberCache } from "./member-cache.ts";
import { memberOf, rowOf } from "./rows.ts";

/** Leases renewed by one script, which Redis runs in about a tenth of a millisecond. */
const LEASES_PER_SCRIPT = 64;

type Membership = Pick<SwarmStore, "join" | "leave" | "candidates" | "size" | "lookup" | "renew">;

export function createMembership(settings: Settings, keys: Keys, link: Link, run: RunScript): Membership {
  const { leaseMs, random } = settings;
  const cache = createMemberCache();
  const draw = createDraw({ link, keys, cache, random });

  const look = async (swarm: SwarmId, circles: readonly string[]): Promise<Standing> =>
    readStanding(circles, await run("stand", keys.members(swarm), circles));
  const candidatesOf = async (swarm: SwarmId, self: Member, standing: Standing): Promise<Candidates> => {
    const names = standing.circles.map(({ name }) => name);
    return { size: standing.size, candidates: await draw(swarm, self.id, standing, () => look(swarm, names)) };
  };
  const renewPart = async (swarm: SwarmId, peers: readonly PeerId[]): Promise<readonly PeerId[]> => {
    const lost = new Set<string | null>(readTexts(await run("renew", keys.all(swarm), [String(leaseMs), ...peers])));
    return peers.filter((peer) => lost.has(peer));
  };

  return {
    async join(swarm, member) {
      const circles = circleNames(member.locality);
      const entry = createEntry(random);
      const args = [String(leaseMs), member.id, entry, rowOf(member), ...circles];
      const standing = readStanding(circles, await run("join", keys.all(swarm), args));
      cache.put(entry, member);
      return candidatesOf(swarm, member, standing);
    },
    async leave(swarm, peer) {
      await run("leave", keys.all(swarm), [peer]);
    },
    async candidates(swarm, self) {
      return candidatesOf(swarm, self, await look(swarm, circleNames(self.locality)));
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

function readStanding(names: readonly string[], reply: unknown): Standing {
  const [now = 0, size = 0, ...counts] = readNumbers(reply);
  const circles = names.map((name, index) => ({ name, count: counts[index] ?? 0 }));
  return { circles, size, expired: now === 0 ? "none" : { until: now } };
}

const inParts = (peers: readonly PeerId[]): PeerId[][] =>
  Array.from({ length: Math.ceil(peers.length / LEASES_PER_SCRIPT) }, (_, part) =>
    peers.slice(part * LEASES_PER_SCRIPT, (part + 1) * LEASES_PER_SCRIPT),
  );
