import { describe, expect, it } from "vitest";
import { renditionId } from "../../../../player/protocol/index.ts";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { HD, key } from "../../../support/engine-harness.ts";
import { BLOCKS, fallsShort, neighbours, plays, type Viewer, viewer } from "./rig.ts";

const SD = renditionId("sd");
const all = Array.from({ length: BLOCKS }, (_, i) => i);

/** A viewer whose neighbours lacked half of so many segments, and who hold all of the next ones. */
function short(name: string, late = 6, options: Parameters<typeof viewer>[1] = {}) {
  const v = viewer(name, { size: 7, ...options });
  const peers = neighbours(v, 6);
  const next = fallsShort(v, peers[0], late);
  const offer = (k: ReturnType<typeof key>) => {
    for (const peer of peers) v.offers(peer, k);
  };
  const serve = () => {
    for (const peer of peers) v.serves(peer);
  };
  return { v, peers, next, offer, serve };
}

/** Plays a segment of which a neighbour sends block by block what is not bought, the last in time, but only just. */
function comesJustInTime(v: Viewer, neighbour: PeerId, msn: number): void {
  const before = v.of("deliver").length;
  v.offers(neighbour, key(msn));
  v.wants(key(msn), 8000);
  v.knows(key(msn));
  const left = BLOCKS - v.bought(key(msn)).flat().length;
  for (let sent = 0; sent < left; sent++) {
    v.pass(6300 / left);
    v.serves(neighbour, 1);
  }
  expect(v.of("deliver")).toHaveLength(before + 1);
}

/** Which of the segments from `next` on anything was bought of. */
const boughtOf = (v: Viewer, next: number, rendition = HD): number[] =>
  all.map((i) => next + i).filter((msn) => v.bought(key(msn, rendition)).length > 0);

describe("a viewer whose neighbours cannot upload all that is played", () => {
  it("buys a part as soon as it wants a segment, and takes the rest from them", () => {
    const { v, next, offer, serve } = short("me");
    offer(key(next));
    const before = v.engine.totals();
    v.wants(key(next), 20_000);
    const [part = [], ...more] = v.bought(key(next));
    expect(part.length).toBeGreaterThanOrEqual(BLOCKS / 10);
    expect(part.length).toBeLessThanOrEqual(BLOCKS / 2);
    expect(more).toEqual([]);
    v.knows(key(next));
    serve();
    v.pass(1000);
    serve();
    expect(v.of("deliver")).toHaveLength(next);
    const after = v.engine.totals();
    expect(after.cdn - before.cdn).toBe(part.length * 65_536);
    expect(after.cdnReasons.tooLate - before.cdnReasons.tooLate).toBe(after.cdn - before.cdn);
  });

  it("buys the more, the more it fell short", () => {
    const sizes = [BLOCKS, 10, 6, 2].map((held) => {
      const v = viewer("me", { size: 7 });
      const peers = neighbours(v, 6);
      v.offers(peers[0], key(1), 0, held);
      plays(v, peers, 1);
      for (const peer of peers) v.offers(peer, key(2));
      v.wants(key(2), 20_000);
      return v.bought(key(2)).flat().length;
    });
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
    expect(sizes[0]).toBe(0);
  });

  it("does not wait until the last moment for what neighbours will not bring", () => {
    const { v, peers, next } = short("me", 1);
    v.offers(peers[0], key(next), 0, BLOCKS / 2);
    const deadline = v.now() + 8000;
    plays(v, peers, next);
    expect(deadline - v.now()).toBeGreaterThan(2000);
    expect(v.bought(key(next)).length).toBeGreaterThan(1);
  });

  it.each([{ live: true }, { live: false }])(
    "buys a part of what hls.js would be asking for (live: $live)",
    ({ live }) => {
      const { v, next, offer } = short("me", 6, { live });
      for (let msn = next; msn < next + 8; msn++) offer(key(msn));
      expect(boughtOf(v, next)).toEqual([]);
      v.wants(key(next), 20_000);
      // With 6 s in the buffer, and 20 s as its goal, it would have asked for segments that begin 6, 10, 14 and 18 s ahead.
      v.tell({ t: "playhead", rendition: HD, msn: next - 2, bufferedMs: 6000, goalMs: 20_000 });
      v.pass(1000);
      expect(boughtOf(v, next)).toEqual([next, next + 1, next + 2, next + 3]);
      for (const msn of boughtOf(v, next)) expect(v.bought(key(msn)).flat().length).toBeLessThanOrEqual(BLOCKS / 2);
    },
  );

  it("buys nothing early that its playlist does not list, though neighbours fill it", () => {
    const { v, next, offer, serve } = short("me", 6, { live: true });
    v.tell({ t: "playlist", rendition: HD, live: true, first: 0, last: next + 1, segmentMs: 4000 });
    for (let msn = next; msn < next + 4; msn++) offer(key(msn));
    v.wants(key(next), 20_000);
    v.tell({ t: "playhead", rendition: HD, msn: next - 2, bufferedMs: 2000, goalMs: 60_000 });
    v.pass(1000);
    serve();
    expect(v.asked(key(next + 2)).length).toBeGreaterThan(0);
    expect(boughtOf(v, next)).toEqual([next, next + 1]);
  });

  it("buys nothing early of another rendition than hls.js asks for", () => {
    const { v, next, offer } = short("me");
    v.tell({ t: "playlist", rendition: SD, live: false, first: 0, last: 99, segmentMs: 4000 });
    for (let msn = next; msn < next + 4; msn++) for (const rendition of [HD, SD]) offer(key(msn, rendition));
    v.wants(key(next, SD), 20_000);
    v.tell({ t: "playhead", rendition: HD, msn: next - 2, bufferedMs: 6000, goalMs: 20_000 });
    v.pass(1000);
    expect(boughtOf(v, next, HD)).toEqual([]);
    expect(boughtOf(v, next, SD)).toEqual([next, next + 1, next + 2, next + 3]);
  });

  it("leaves what it bought early out of what it asks neighbours for", () => {
    const { v, next, offer, serve } = short("me");
    v.becomes({ firstByteMs: 1000, bytesPerMs: 5000 });
    offer(key(next));
    v.wants(key(next), 20_000);
    v.knows(key(next));
    serve();
    const part = v.bought(key(next)).flat();
    expect([...part, ...v.asked(key(next))].sort((a, b) => a - b)).toEqual(all);
  });

  it("leaves what it will buy out of what it asks neighbours for ahead", () => {
    const { v, next, offer, serve } = short("me");
    offer(key(next + 1));
    v.tell({ t: "playhead", rendition: HD, msn: next - 2, bufferedMs: 20_000, goalMs: 20_000 });
    serve();
    v.pass(1000);
    serve();
    expect(v.bought(key(next + 1))).toEqual([]);
    const left = all.filter((index) => !v.asked(key(next + 1)).includes(index));
    expect(left.length).toBeGreaterThan(0);
    v.tell({ t: "playhead", rendition: HD, msn: next - 1, bufferedMs: 4000, goalMs: 20_000 });
    expect(v.bought(key(next + 1))).toEqual([left]);
  });

  it("buys no more than that once that is enough", () => {
    const { v, peers, next } = short("me");
    const sizes = Array.from({ length: 10 }, (_, i) => {
      comesJustInTime(v, peers[0], next + i);
      return v.bought(key(next + i)).flat().length;
    });
    expect(sizes[0]).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual((sizes[0] ?? 0) + 1);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual((sizes[0] ?? 0) - 2);
  });

  it("buys less again, and then nothing, once segments come in early", () => {
    const { v, peers, next, offer } = short("me");
    const sizes = Array.from({ length: 6 }, (_, i) => {
      offer(key(next + i));
      plays(v, peers, next + i);
      return v.bought(key(next + i)).flat().length;
    });
    expect(sizes[0]).toBeGreaterThan(0);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(sizes.at(-1)).toBe(0);
  });

  it("buys other blocks than other viewers do, so that all uplinks are of use", () => {
    const parts = Array.from({ length: 12 }, (_, i) => {
      const { v, next, offer } = short(`v${i}`);
      offer(key(next));
      v.wants(key(next), 20_000);
      return v.bought(key(next)).flat();
    });
    expect(new Set(parts.map((part) => part.join())).size).toBeGreaterThanOrEqual(6);
    expect(new Set(parts.flat()).size).toBeGreaterThan(BLOCKS / 2);
  });
});

describe("a viewer whose neighbours deliver in time", () => {
  it.each([{ live: true }, { live: false }])("buys nothing early (live: $live)", ({ live }) => {
    const v = viewer("me", { live, size: 4 });
    const peers = neighbours(v, 3);
    // The first is bought, and tells how fast the CDN is.
    plays(v, peers, 1);
    for (let msn = 2; msn <= 20; msn++) {
      v.tell({ t: "playhead", rendition: HD, msn: msn - 2, bufferedMs: 6000, goalMs: 20_000 });
      comesJustInTime(v, peers[0], msn);
    }
    expect(boughtOf(v, 1)).toEqual([1]);
  });
});
