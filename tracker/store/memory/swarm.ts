import type { PeerId } from "../../protocol/index.ts";
import {
  createDigestLedger,
  type DigestLedger,
  type Locality,
  type Member,
  type Random,
  WideMap,
} from "../../swarm/index.ts";
import { CANDIDATES, type Candidates } from "../port.ts";
import { SampleSet } from "./sample-set.ts";

/** What members may have in common: `circlesOf` as fields. */
const KINDS = ["group", "address", "prefix", "as", "country"] as const satisfies readonly (keyof Locality)[];

/** Members who have something in common, by what it is. */
type Circles = {
  readonly kind: (typeof KINDS)[number];
  readonly sets: Map<Locality[keyof Locality], SampleSet<Member>>;
};

/** One swarm in memory: its members, the circles they stand in, and what they vouch for. */
export class MemorySwarm {
  readonly ledger: DigestLedger = createDigestLedger();
  private readonly members = new WideMap<PeerId, Member>();
  private readonly everyone = new SampleSet<Member>();
  private readonly circles: readonly Circles[] = KINDS.map((kind) => ({ kind, sets: new Map() }));

  get(peer: PeerId): Member | undefined {
    return this.members.get(peer);
  }

  size(): number {
    return this.members.size;
  }

  put(member: Member): void {
    this.remove(member.id);
    this.members.set(member.id, member);
    this.everyone.add(member);
    for (const { kind, sets } of this.circles) {
      const place = member.locality[kind];
      if (place === undefined) continue;
      const set = sets.get(place);
      if (set) set.add(member);
      else sets.set(place, new SampleSet(member));
    }
  }

  remove(peer: PeerId): void {
    const member = this.members.get(peer);
    if (!member) return;
    this.members.delete(peer);
    this.everyone.remove(member);
    for (const { kind, sets } of this.circles) {
      const set = sets.get(member.locality[kind]);
      set?.remove(member);
      if (set?.size() === 0) sets.delete(member.locality[kind]);
    }
  }

  /** A draw from everybody and from each circle around `self`, without repeats. */
  candidates(self: Member, random: Random): Candidates {
    // Told apart as objects: members are scattered in memory, and none is looked at before its turn has come.
    const own = this.members.get(self.id);
    // One more than wanted: the asking member stands in its own circles.
    const drawn = this.everyone.draw(CANDIDATES.anywhere + 1, random);
    const candidates = drawn.filter((member) => member !== own);
    // All of a small swarm are drawn already.
    if (drawn.length < this.everyone.size()) {
      for (const { kind, sets } of this.circles) {
        for (const member of sets.get(self.locality[kind])?.draw(CANDIDATES.perCircle + 1, random) ?? []) {
          if (member !== own && !candidates.includes(member)) candidates.push(member);
        }
      }
    }
    return { size: this.members.size, candidates };
  }
}
