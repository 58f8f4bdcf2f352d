import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { key } from "../../../support/engine-harness.ts";
import { BLOCKS, BYTES, type Cdn, cdnOf, SILENT, type Viewer, viewer } from "./rig.ts";

/** Of these a segment takes 7 s, longer than it plays; of 400 it takes 2.6 s. Bytes a millisecond. */
const TOO_SLOW = cdnOf(150);
const KEEPS_UP = cdnOf(400);

/**
 * A viewer that saw its line carry what `line` tells, and now waits for a segment of which the CDN sent `forMs` when a
 * neighbour says that it has all of it.
 */
function waiting(line: Cdn, cdn: Cdn, forMs: number): { v: Viewer; peer: PeerId } {
  const v = viewer("me", { size: 1, cdn: line });
  v.wants(key(1), 60_000);
  while (v.of("deliver").length === 0) v.pass(100);
  v.tell({ t: "swarm", size: 2 });
  const peer = v.peer("a");
  v.becomes(cdn);
  v.wants(key(2), 12_000);
  v.knows(key(2));
  v.pass(forMs);
  expect(v.bought(key(2))).toHaveLength(1);
  expect(v.bought(key(2))[0]).toHaveLength(BLOCKS);
  v.offers(peer, key(2));
  return { v, peer };
}

const delivered = (v: Viewer): boolean => v.of("deliver").length === 2;

describe("a neighbour that holds what the CDN is sending too slowly", () => {
  it("is asked for the last blocks first", () => {
    const { v, peer } = waiting(cdnOf(5000), TOO_SLOW, 600);
    expect(v.asked(key(2))).toEqual([15, 14]);
    v.serves(peer);
    const asked = v.asked(key(2));
    expect(asked.length).toBeGreaterThan(BLOCKS / 2);
    expect(asked).toEqual(asked.map((_, i) => BLOCKS - 1 - i));
  });

  it("meets it, and then the transfer is stopped: nothing comes twice", () => {
    const { v, peer } = waiting(cdnOf(5000), TOO_SLOW, 600);
    const before = v.engine.totals();
    const [transfer] = v.of("cdn-get").slice(-1);
    for (let ms = 0; ms < 5000 && !delivered(v); ms += 500) {
      v.serves(peer);
      v.pass(500);
    }
    expect(delivered(v)).toBe(true);
    expect(v.of("cdn-abort").at(-1)?.fetch).toBe(transfer?.fetch);
    const { cdn, peer: fromPeer, wasted } = v.engine.totals();
    expect(fromPeer).toBeGreaterThan(BYTES / 2);
    expect(cdn + fromPeer).toBe(2 * BYTES);
    expect(wasted).toBe(before.wasted);
    v.pass(10_000);
    expect(v.engine.totals().cdn).toBe(cdn);
  });

  it("is asked for nothing that the CDN brings sooner", () => {
    const { v, peer } = waiting(cdnOf(5000), TOO_SLOW, 600);
    v.serves(peer);
    // Its guessed 262 ms for a block, and half as much for doubt, are more than half of the CDN's 437 ms.
    expect(Math.min(...v.asked(key(2)))).toBeGreaterThan(1);
  });
});

describe("a CDN that keeps up with playback", () => {
  it("is left alone while it fills the line", () => {
    const { v } = waiting(KEEPS_UP, KEEPS_UP, 1000);
    v.pass(3000);
    expect(delivered(v)).toBe(true);
    expect(v.frames("request")).toEqual([]);
    expect(v.engine.totals()).toMatchObject({ cdn: 2 * BYTES, peer: 0 });
  });

  it("is raced where it leaves most of the line unused", () => {
    const { v } = waiting(cdnOf(1500), KEEPS_UP, 1000);
    expect(v.asked(key(2))).toEqual([15]);
  });

  it("is left alone while it has not begun", () => {
    const { v } = waiting(KEEPS_UP, { firstByteMs: 1400, bytesPerMs: 400 }, 1000);
    expect(v.frames("request")).toEqual([]);
  });

  it("is given up once it has stood still for as long as the segment would have taken, and neighbours bring the rest", () => {
    const { v, peer } = waiting(KEEPS_UP, KEEPS_UP, 1000);
    const held = v.of("progress").length - BLOCKS;
    const aborts = v.of("cdn-abort").length;
    v.becomes(SILENT);
    v.pass(1300);
    expect(v.of("cdn-abort")).toHaveLength(aborts);
    expect(v.frames("request")).toEqual([]);
    v.pass(220);
    expect(v.of("cdn-abort")).toHaveLength(aborts + 1);
    for (let i = 0; i < 20 && !delivered(v); i++) {
      v.serves(peer);
      v.pass(100);
    }
    expect(delivered(v)).toBe(true);
    expect([...v.asked(key(2))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: BLOCKS - held }, (_, i) => held + i),
    );
  });
});
