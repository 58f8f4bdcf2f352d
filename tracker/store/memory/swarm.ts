import type { PeerId } from "../../protocol/index.ts";
import { createDigestLedger, type DigestLedger, type Member, type Random } from "../../swarm/index.ts";
import { circlesOf } from "../circles.ts";
import { CANDIDATES, type Candidates } from "../port.ts";
import { createSampleSet, type SampleSet } from "./sample-set.ts";

/** One swarm in memory: its members, the circles they stand in, and what they vouch for. */
export type MemorySwarm = {
  readonly ledger: DigestLedger;
  readonly put: (member: Member) => void;
  readonly remove: (peer: PeerId) => void;
  readonly get: (peer: PeerId) => Member | undefined;
  readonly size: () => number;
  readonly candidates: (self: Member, random: Random) => Candidates;
};

export function createMemorySwarm(): MemorySwarm {
  const members = new Map<PeerId, Member>();
  const everyone = createSampleSet<PeerId>();
  const circles = new Map<string, SampleSet<PeerId>>();

  const enter = (circle: string, peer: PeerId): void => {
    const set = circles.get(circle) ?? createSampleSet<PeerId>();
    circles.set(circle, set);
    set.add(peer);
  };
  const quit = (circle: string, peer: PeerId): void => {
    const set = circles.get(circle);
    set?.remove(peer);
    if (set?.size() === 0) circles.delete(circle);
  };
  const remove = (peer: PeerId): void => {
    const member = members.get(peer);
    if (!member) return;
    members.delete(peer);
    everyone.remove(peer);
    for (const circle of circlesOf(member.locality)) quit(circle, peer);
  };

  return {
    ledger: createDigestLedger(),
    remove,
    put(member) {
      remove(member.id);
      members.set(member.id, member);
      everyone.add(member.id);
      for (const circle of circlesOf(member.locality)) enter(circle, member.id);
    },
    get: (peer) => members.get(peer),
    size: () => members.size,
    candidates(self, random) {
      const drawn = new Set(everyone.draw(CANDIDATES.anywhere + 1, random));
      for (const circle of circlesOf(self.locality)) {
        // One more than wanted: the asking member stands in its own circles.
        for (const peer of circles.get(circle)?.draw(CANDIDATES.perCircle + 1, random) ?? []) drawn.add(peer);
      }
      drawn.delete(self.id);
      const candidates: Member[] = [];
      for (const peer of drawn) {
        const member = members.get(peer);
        if (member) candidates.push(member);
      }
      return { size: members.size, candidates };
    },
  };
}
