import fc from "fast-check";
import { expect, test } from "vitest";
import type { PeerId } from "../../../tracker/protocol/index.ts";
import { MemorySwarm } from "../../../tracker/store/memory/swarm.ts";
import {
  addLink,
  correctLinks,
  FEWEST_LINKS,
  type Giving,
  type Links,
  type Member,
  MOST_ASYMMETRIC,
  MOST_LINKS,
  noLinks,
  type Random,
  removeLink,
  roomFor,
  selectNeighbours,
} from "../../../tracker/swarm/index.ts";
import { randomStream } from "../../sim/random.ts";
import { member } from "../../unit/tracker/support/values.ts";

/** Neighbours that a newcomer asks for, and below which a viewer asks for more, as trackers and players do by default. */
const WANT = 8;

type Viewer = { readonly member: Member; readonly links: Links; readonly edges: Set<PeerId> };

/** A swarm whose viewers connect to everybody they are introduced to, and tell the tracker when they have too few. */
function createModel(random: Random) {
  const swarm = new MemorySwarm();
  const viewers = new Map<PeerId, Viewer>();
  const of = (id: PeerId): Viewer => viewers.get(id) as Viewer;

  const introduce = (self: Viewer, want: number): void => {
    const { candidates } = swarm.candidates(self.member, random);
    const chosen = selectNeighbours({
      candidates: candidates.filter(({ id }) => !self.edges.has(id)),
      self: self.member,
      want: Math.min(want, MOST_LINKS - self.links.all),
      random,
      roomOf: ({ id, giving }) =>
        roomFor(self.links, giving) === "none" ? "none" : roomFor(of(id).links, self.member.giving),
    });
    for (const { member: other } of chosen) link(self, of(other.id));
  };
  const link = (a: Viewer, b: Viewer): void => {
    a.edges.add(b.member.id);
    b.edges.add(a.member.id);
    addLink(a.links, b.member.giving);
    addLink(b.links, a.member.giving);
  };
  return {
    viewers,
    join(newcomer: Member): void {
      const self = { member: newcomer, links: noLinks(), edges: new Set<PeerId>() };
      viewers.set(newcomer.id, self);
      swarm.put(newcomer);
      introduce(self, WANT);
    },
    leave(id: PeerId): void {
      const gone = of(id);
      viewers.delete(id);
      swarm.remove(id);
      for (const other of [...gone.edges].map(of)) {
        other.edges.delete(id);
        removeLink(other.links, gone.member.giving);
      }
    },
    /** Whoever has too few left to take from asks for more, and gets two at least. */
    mend(): void {
      for (const viewer of viewers.values()) {
        const sharers = [...viewer.edges].filter((id) => of(id).member.giving === "share").length;
        if (sharers >= FEWEST_LINKS) continue;
        correctLinks(viewer.links, viewer.edges.size);
        introduce(viewer, Math.max(2, WANT - viewer.edges.size));
      }
    },
  };
}

/** Of those who do not simply share, a third is reached through TURN alone and the others only take. */
const givingOf = (lot: number, asymmetric: number): Giving =>
  lot >= asymmetric ? "share" : lot < asymmetric / 3 ? "relayed" : "receive";

/** Viewers as a country's audience is spread: a few big operators, homes of one to four, some offices of dozens. */
function someone(name: number, random: Random, asymmetric: number, processes: number): Member {
  const skewed = (count: number): number => Math.floor(count * random() ** 3);
  const country = skewed(12);
  const as = country * 10 + skewed(6);
  const prefix = `${as}.${skewed(200)}`;
  return member(
    `v${name}`,
    {
      giving: givingOf(random(), asymmetric),
      locality: { address: `${prefix}.${skewed(100)}`, prefix, as, country: `C${country}` },
    },
    `n00${Math.floor(processes * random())}`,
  );
}

/** Those on one process come first for each other: the mesh must not fall into one for each. */
const processesArb = fc.integer({ min: 1, max: 4 });

/** Steps from one viewer to those reached last, and how many were reached. */
function spread(
  viewers: ReadonlyMap<PeerId, Viewer>,
  from: PeerId,
): { readonly steps: number; readonly reached: number } {
  const seen = new Set([from]);
  let edge = [from];
  let steps = -1;
  while (edge.length > 0) {
    steps += 1;
    edge = edge.flatMap((id) =>
      [...(viewers.get(id)?.edges ?? [])].filter((next) => !seen.has(next) && seen.add(next)),
    );
  }
  return { steps, reached: seen.size };
}

/** Not above the caps, and in touch with somebody who shares. */
function isSound({ member: self, edges }: Viewer, viewers: ReadonlyMap<PeerId, Viewer>): boolean {
  const others = [...edges].map((id) => viewers.get(id)?.member.giving);
  const asymmetric = others.filter((giving) => giving !== "share").length;
  if (self.giving === "receive" && others.includes("receive")) return false;
  return edges.size <= MOST_LINKS && asymmetric <= MOST_ASYMMETRIC && asymmetric < edges.size;
}

/** Somebody, whom the random number names without a list being made of all. */
function anyOf(viewers: ReadonlyMap<PeerId, Viewer>, random: Random): PeerId {
  let left = Math.floor(random() * viewers.size);
  for (const id of viewers.keys()) if (left-- === 0) return id;
  throw new Error("nobody is there");
}

test("thousands of viewers who come and go stay one mesh with short ways, and nobody has too many links or no source", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      processesArb,
      (seed, asymmetric, processes) => {
        const random = randomStream(seed, "mesh");
        const { viewers, join, leave, mend } = createModel(random);
        const anyone = (): PeerId => anyOf(viewers, random);
        let named = 0;
        const check = (): void => {
          mend();
          const { steps, reached } = spread(viewers, anyone());
          expect(reached).toBe(viewers.size);
          expect(steps).toBeLessThanOrEqual(8);
          const wrong = [...viewers.values()].filter((viewer) => !isSound(viewer, viewers));
          expect(wrong).toEqual([]);
        };
        while (viewers.size < 2000) {
          join(someone(named++, random, asymmetric, processes));
          if (viewers.size > 20 && random() < 0.3) leave(anyone());
        }
        check();
        // Half of them leave at once, as when an event ends; then others come.
        for (let gone = 0; gone < 1000; gone++) leave(anyone());
        check();
        while (viewers.size < 1500) join(someone(named++, random, asymmetric, processes));
        check();
      },
    ),
    { numRuns: 2, endOnFailure: true },
  );
});

test("a viewer with room is asked before one that is content, and one that is full never", () => {
  const self = member("self");
  const others = Array.from({ length: 30 }, (_, index) => member(`o${index}`));
  const room = new Map(others.map(({ id }, index) => [id, (["none", "some", "plenty"] as const)[index % 3] ?? "none"]));
  const pick = (plenty: number) =>
    selectNeighbours({
      candidates: others,
      self,
      want: WANT,
      random: Math.random,
      roomOf: ({ id }) => (plenty === 0 && room.get(id) === "plenty" ? "none" : (room.get(id) ?? "none")),
    }).map((choice) => room.get(choice.member.id));
  expect(pick(10)).toEqual(Array(WANT).fill("plenty"));
  expect(pick(0)).toEqual(Array(FEWEST_LINKS).fill("some"));
});
