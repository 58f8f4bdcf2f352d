import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCore } from "../../../../player/engine/core.ts";
import { patience } from "../../../../player/engine/election.ts";
import { createNeighbour } from "../../../../player/engine/neighbour.ts";
import { createSegment } from "../../../../player/engine/segment.ts";
import { PEER_LIMITS } from "../../../../player/protocol/index.ts";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { HD, key, LIMITS, peerId } from "../../../support/engine-harness.ts";

/** An hour after all of them came: nobody is a newcomer. */
const LATER = 3_600_000;

/** 8 Mbit/s, which is what a viewer takes its own uplink for until it is measured. */
const WIDE = 20;

type Scene = {
  /** Of the others, as in a `position`. */
  readonly uplink?: number;
  /** When `self` came; the others came at 0. */
  readonly startedAt?: number;
};

/** Viewer `self` an hour later, among the others that it sees, in a swarm of `size`. */
function among(self: PeerId, others: readonly PeerId[], size: number, { uplink = WIDE, startedAt = 0 }: Scene = {}) {
  const core = createCore(LIMITS, startedAt);
  core.now = LATER;
  core.self = self;
  core.swarmSize = size;
  core.playlists.set(HD, { live: true, first: 0, last: 1000, segmentMs: 4000 });
  for (const id of others) {
    const n = createNeighbour(id, "lan", "direct", 0);
    n.upload = "share";
    n.position = at(3, uplink);
    core.neighbours.set(id, n);
  }
  return core;
}

/** How long viewer `self` leaves segment `msn` to the others that it sees, in a swarm of `size`. */
const waits = (self: PeerId, others: readonly PeerId[], msn: number, size: number, scene?: Scene): number =>
  patience(among(self, others, size, scene), createSegment(key(msn), 0));

/** Where somebody is that will ask for this segment next. */
const at = (msn: number, uplink: number) => ({
  t: "position" as const,
  rendition: HD,
  asked: msn - 1,
  uplink,
});

const viewers = (count: number) => Array.from({ length: count }, (_, i) => peerId(`v${i}`));

describe("who buys a live segment", () => {
  it("is never left to one that fell silent", () => {
    const all = viewers(6);
    for (const self of all) {
      const core = among(
        self,
        all.filter((id) => id !== self),
        6,
      );
      for (const n of core.neighbours.values()) n.silent = true;
      expect(patience(core, createSegment(key(7), 0))).toBe(0);
    }
  });

  it("is exactly one where all see each other, and the others follow one after the other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 0, max: 1_000_000 }), (count, msn) => {
        const all = viewers(count);
        const times = all.map((self) =>
          waits(
            self,
            all.filter((p) => p !== self),
            msn,
            count,
          ),
        );
        expect(times.sort((a, b) => a - b)).toEqual(all.map((_, rank) => rank * 2000));
      }),
    );
  });

  it("does not change when some know a viewer by an earlier id of its", () => {
    const all = viewers(6);
    const moved = (peer: PeerId): PeerId => peer.replace("node", "new1") as PeerId;
    for (let msn = 0; msn < 50; msn++) {
      const times = all.map((self, index) => {
        const others = all.filter((p) => p !== self).map((p) => (index % 2 === 0 ? moved(p) : p));
        return waits(self, others, msn, all.length);
      });
      expect(times.sort((a, b) => a - b)).toEqual(all.map((_, rank) => rank * 2000));
    }
  });

  it("changes from segment to segment, so that the duty is shared", () => {
    const all = viewers(8);
    const bought = new Map<PeerId, number>();
    for (let msn = 0; msn < 800; msn++) {
      const buyer = all.find(
        (self) =>
          waits(
            self,
            all.filter((p) => p !== self),
            msn,
            8,
          ) === 0,
      );
      if (buyer !== undefined) bought.set(buyer, (bought.get(buyer) ?? 0) + 1);
    }
    for (const times of bought.values()) expect(times).toBeGreaterThan(50);
    expect(bought.size).toBe(8);
  });

  it.each([100, 1000, 10_000])("is a handful in a swarm of %i, whatever its size", (size) => {
    const all = viewers(size);
    let buyers = 0;
    const rounds = Math.ceil(20_000 / size);
    for (let msn = 0; msn < rounds; msn++) {
      for (let i = 0; i < size; i++) {
        const neighbours = Array.from({ length: 10 }, (_, k) => all[(i + 1 + k * 37) % size] as PeerId);
        if (waits(all[i] as PeerId, neighbours, msn, size) === 0) buyers++;
      }
    }
    expect(buyers / rounds).toBeGreaterThan(0.5);
    expect(buyers / rounds).toBeLessThan(6);
  });

  it("is never two who see each other, however large the swarm", () => {
    const all = viewers(100);
    const near = (i: number) => [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5].map((k) => (i + k + 100) % 100);
    for (let msn = 0; msn < 100; msn++) {
      const buys = all.map(
        (self, i) =>
          waits(
            self,
            near(i).map((k) => all[k] as PeerId),
            msn,
            all.length,
          ) === 0,
      );
      expect(buys.filter((first, i) => first && near(i).some((k) => buys[k]))).toEqual([]);
    }
  });

  it("is left to those who can pass it on", () => {
    const core = among(peerId("me"), [peerId("a")], 2);
    core.mode = "receive";
    for (let msn = 0; msn < 50; msn++) expect(patience(core, createSegment(key(msn), 0))).toBe(2000);
  });

  it("is left to them as long where neighbours are short of uplink, since such a copy helps nobody", () => {
    const core = among(peerId("me"), viewers(5), 8);
    core.mode = "receive";
    core.shortfall = 0.4;
    for (let msn = 0; msn < 50; msn++) expect(patience(core, createSegment(key(msn), 0))).toBe(5 * 2000);
  });

  it.each([
    // Segments are taken to play at 1 Mbit/s: eight copies against eight, four and two.
    [20, 0.5],
    [18, 0.667],
    [16, 0.8],
    // Whatever somebody claims counts as eight copies at most.
    [PEER_LIMITS.uplink, 0.5],
  ])("is more often who can send more: beside an uplink of %i steps %d of all segments", (uplink, share) => {
    const all = Array.from({ length: 3000 }, (_, msn) => waits(peerId("me"), [peerId("a")], msn, 2, { uplink }));
    expect(all.filter((ms) => ms === 0).length / all.length).toBeCloseTo(share, 1);
  });

  it("is a newcomer rather than somebody whose uplink is too narrow to pass a segment on while it plays", () => {
    const startedAt = LATER - 1000;
    for (let msn = 0; msn < 50; msn++) {
      expect(waits(peerId("me"), [peerId("a")], msn, 2, { startedAt, uplink: 15 })).toBe(0);
      expect(waits(peerId("me"), [peerId("a")], msn, 2, { startedAt, uplink: 16 })).toBeGreaterThan(0);
    }
  });

  it("is hardly more than one where each sees all but one or two", () => {
    const all = viewers(24);
    let buyers = 0;
    for (let msn = 0; msn < 200; msn++) {
      const first = all.filter((self, i) => {
        const seen = all.filter((_, k) => k !== i && k !== (i ^ 1) && k !== (i ^ 2));
        return waits(self, seen, msn, all.length) === 0;
      });
      expect(first.length).toBeGreaterThan(0);
      buyers += first.length;
    }
    expect(buyers / 200).toBeLessThan(1.3);
  });

  it.each([
    [["older", "younger"], 0, 0],
    [["older", "younger"], 10_000, 4000],
    [["older", "old", "younger"], 10_000, 6000],
  ] as const)(
    "is left, while all are newcomers (%o), by who came at %i ms to those who came before, for %i ms",
    (others, startedAt, expected) => {
      const since = { older: 5000, old: 7000, younger: 15_000 };
      const core = createCore(LIMITS, startedAt);
      core.self = peerId("me");
      core.swarmSize = others.length + 1;
      core.playlists.set(HD, { live: true, first: 0, last: 1000, segmentMs: 4000 });
      for (const name of others) {
        const n = createNeighbour(peerId(name), "lan", "direct", 0);
        n.upload = "share";
        n.since = since[name];
        n.position = at(3, WIDE);
        core.neighbours.set(n.id, n);
      }
      core.now = 20_000;
      for (let msn = 0; msn < 50; msn++) expect(patience(core, createSegment(key(msn), 0))).toBe(expected);
    },
  );
});
