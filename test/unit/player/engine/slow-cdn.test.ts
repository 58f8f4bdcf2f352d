import { describe, expect, it } from "vitest";
import { HD, key } from "../../../support/engine-harness.ts";
import { BLOCKS, cdnOf, type Viewer, viewer } from "./rig.ts";

const PART = BLOCKS / 8;

/** A viewer that measured the CDN, and whose one neighbour has but the first block of segment 2, which is due at once. */
function due(name: string, bytesPerMs: number) {
  const v = viewer(name, { size: 1, cdn: cdnOf(bytesPerMs) });
  v.wants(key(1), 60_000);
  while (v.of("deliver").length === 0) v.pass(100);
  v.tell({ t: "swarm", size: 2 });
  const peer = v.peer("a");
  v.offers(peer, key(2), 0, 1);
  v.knows(key(2));
  v.wants(key(2), 1500);
  return { v, peer };
}

const parts = (v: Viewer): number[][] => v.bought(key(2));

/** 100 bytes a millisecond: a segment takes more than ten seconds, and plays for four. */
const TOO_SLOW = 100;

describe("from a CDN that takes longer for a segment than it plays", () => {
  it("an eighth is bought at a time, one part after the other, and no block twice", () => {
    const { v } = due("me", TOO_SLOW);
    expect(parts(v)).toHaveLength(1);
    for (let ms = 0; ms < 30_000 && v.of("deliver").length < 2; ms += 100) {
      v.pass(100);
      const came = v.of("progress").filter(({ request }) => request === 2).length;
      expect(parts(v).flat().length - came).toBeLessThanOrEqual(PART);
    }
    expect(v.of("deliver")).toHaveLength(2);
    expect(parts(v).length).toBeGreaterThanOrEqual(8);
    for (const part of parts(v)) expect(part.length).toBeLessThanOrEqual(PART);
    expect(new Set(parts(v).flat()).size).toBe(parts(v).flat().length);
    expect(v.engine.totals().wasted).toBe(0);
  });

  it("each viewer buys other parts, in another order", () => {
    const firsts = Array.from({ length: 16 }, (_, i) => parts(due(`v${i}`, TOO_SLOW).v)[0]?.[0] ?? -1);
    expect(new Set(firsts).size).toBeGreaterThanOrEqual(6);
    expect(Math.max(...firsts) - Math.min(...firsts)).toBeGreaterThanOrEqual(BLOCKS / 2);
  });

  it("what neighbours bring meanwhile is not bought", () => {
    const { v, peer } = due("me", TOO_SLOW);
    const first = parts(v).flat();
    const others = Array.from({ length: BLOCKS }, (_, i) => i).filter((index) => !first.includes(index));
    const brought = others.filter((_, i) => i % 2 === 1);
    for (const index of brought) v.offers(peer, key(2), index, 1);
    for (let ms = 0; ms < 15_000 && v.of("deliver").length < 2; ms += 100) {
      v.serves(peer);
      v.pass(100);
    }
    expect(v.of("deliver")).toHaveLength(2);
    for (const index of brought) expect(parts(v).flat()).not.toContain(index);
    expect(v.engine.totals().wasted).toBe(0);
  });
});

describe("a neighbour that keeps its last blocks back", () => {
  it("is waited for no longer than the CDN, slow as it is, can bring them in time", () => {
    // A segment takes 5.3 s and plays for four; a block takes 0.4 s.
    const v = viewer("me", { size: 1, cdn: cdnOf(200) });
    v.wants(key(1), 60_000);
    while (v.of("deliver").length === 0) v.pass(100);
    v.tell({ t: "swarm", size: 2 });
    v.tell({ t: "playhead", rendition: HD, msn: 1, bufferedMs: 20_000, goalMs: 30_000 });
    const peer = v.peer("a");
    v.offers(peer, key(2));
    v.knows(key(2));
    v.serves(peer, BLOCKS - 2);
    expect(v.asked(key(2))).toHaveLength(BLOCKS);
    v.wants(key(2), 2000);
    v.pass(1900);
    expect(v.of("deliver")).toHaveLength(2);
  });
});

describe("from a CDN that is fast enough", () => {
  it("all that nobody has is bought in one go", () => {
    const { v } = due("me", 1000);
    expect(parts(v)).toEqual([Array.from({ length: BLOCKS - 1 }, (_, i) => i + 1)]);
  });
});

describe("a line with little to spare", () => {
  /** A segment takes 3.2 s and plays for four. */
  const LINE = 330;

  /** Waits for a segment that only the CDN has, while a neighbour sends the next one over the same line, or does not. */
  function waiting(beside: "a neighbour" | "nobody"): Viewer {
    const v = viewer("me", { size: 1, cdn: cdnOf(LINE) });
    v.wants(key(1), 60_000);
    while (v.of("deliver").length === 0) v.pass(100);
    v.tell({ t: "swarm", size: 2 });
    const peer = v.peer("a");
    v.becomes(cdnOf(LINE / 3));
    v.knows(key(2));
    v.knows(key(3));
    v.wants(key(2), 20_000);
    v.offers(peer, key(2), 0, 1);
    if (beside === "a neighbour") v.offers(peer, key(3));
    // A block each 300 ms: with what the CDN sends, the line is full.
    for (let ms = 0; ms < 1600; ms += 300) {
      v.pass(300);
      v.serves(peer, 1);
    }
    // Due at once, and held by the neighbour in its first block.
    v.offers(peer, key(4), 0, 1);
    v.knows(key(4));
    v.wants(key(4), 1000);
    return v;
  }

  it("does not make a CDN too slow that only shares it with neighbours", () => {
    expect(waiting("a neighbour").bought(key(4))[0]?.length).toBeGreaterThan(PART);
  });

  it("leaves a CDN too slow that has it for itself", () => {
    expect(waiting("nobody").bought(key(4))[0]?.length).toBeLessThanOrEqual(PART);
  });

  it("gives no transfer up of which something came, while the CDN may know nothing but whole segments", () => {
    expect(waiting("nobody").of("cdn-abort")).toHaveLength(1);
  });
});
