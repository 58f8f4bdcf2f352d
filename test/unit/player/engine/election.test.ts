import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCore } from "../../../../player/engine/core.ts";
import { patience } from "../../../../player/engine/election.ts";
import { createNeighbour } from "../../../../player/engine/neighbour.ts";
import { createSegment } from "../../../../player/engine/segment.ts";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { HD, key, LIMITS, peerId } from "../../../support/engine-harness.ts";

/** An hour after all of them came: nobody is a newcomer. */
const LATER = 3_600_000;

/** How long viewer `self` leaves segment `msn` to the others that it sees, in a swarm of `size`. */
function waits(self: PeerId, others: readonly PeerId[], msn: number, size: number): number {
  const core = createCore(LIMITS, 0);
  core.now = LATER;
  core.self = self;
  core.swarmSize = size;
  core.playlists.set(HD, { live: true, first: 0, last: 1000, segmentMs: 4000 });
  for (const id of others) {
    const n = createNeighbour(id, "lan", "direct", 0);
    n.upload = "share";
    n.position = { rendition: HD, playing: msn - 2, asked: msn - 1 };
    core.neighbours.set(id, n);
  }
  return patience(core, createSegment(key(msn), 0));
}

const viewers = (count: number) => Array.from({ length: count }, (_, i) => peerId(`v${i}`));

describe("who buys a live segment", () => {
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

  it("is left to those who can pass it on", () => {
    const core = createCore(LIMITS, 0);
    core.self = peerId("me");
    core.mode = "receive";
    core.swarmSize = 2;
    core.playlists.set(HD, { live: true, first: 0, last: 1000, segmentMs: 4000 });
    const n = createNeighbour(peerId("a"), "lan", "direct", 0);
    n.upload = "share";
    n.position = { rendition: HD, playing: 1, asked: 2 };
    core.neighbours.set(n.id, n);
    for (let msn = 0; msn < 50; msn++) expect(patience(core, createSegment(key(msn), 0))).toBe(2000);
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
        n.position = { rendition: HD, playing: 1, asked: 2 };
        core.neighbours.set(n.id, n);
      }
      core.now = 20_000;
      for (let msn = 0; msn < 50; msn++) expect(patience(core, createSegment(key(msn), 0))).toBe(expected);
    },
  );
});
