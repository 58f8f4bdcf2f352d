import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Answer, readHead } from "../../../../player/cdn/answer.ts";
import { askFor } from "../../../../player/cdn/ask.ts";
import { createCutter } from "../../../../player/cdn/cutter.ts";
import { BLOCK, bytesOf } from "./transfer.ts";

const FILE = bytesOf(7 * BLOCK);

/** Sizes around which cutting goes wrong. */
const size = fc.oneof(
  fc.integer({ min: 1, max: 4 * BLOCK }),
  fc.constantFrom(1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK - 1, 3 * BLOCK),
);

/** Where the network may cut the body: anywhere, and often just beside a block's edge. */
const cutAt = fc.oneof(
  fc.nat({ max: 7 * BLOCK }),
  fc.tuple(fc.nat({ max: 4 }), fc.integer({ min: -2, max: 2 })).map(([block, off]) => Math.max(0, block * BLOCK + off)),
);

/** A segment inside a file, a wish for some blocks of it, and an origin of one of several kinds. */
const scene = fc
  .record({
    size,
    start: fc.constantFrom(undefined, 0, 1, 1000, BLOCK + 7),
    from: fc.nat({ max: 3 }),
    blocks: fc.constantFrom(undefined, 1, 2),
    origin: fc.constantFrom("ranged", "hidden", "ignores-range", "tells-nothing"),
    cuts: fc.array(cutAt, { maxLength: 12 }),
  })
  .filter((s) => s.from * BLOCK < s.size);

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function play(s: Scene, cuts: readonly number[]) {
  const base = s.start ?? 0;
  const segment = FILE.subarray(base, base + s.size);
  const resource = s.start === undefined ? segment : FILE;
  const from = s.from * BLOCK;
  const to = s.blocks === undefined ? undefined : Math.min(s.size, from + s.blocks * BLOCK);
  const range = s.start === undefined ? {} : { range: { start: s.start, end: s.start + s.size } };
  const ask = askFor({ url: "", headers: {}, withCredentials: false, firstByteMs: 0, totalMs: 0, ...range }, from, to);
  const partial = ask.range !== undefined && (s.origin === "ranged" || s.origin === "hidden");
  const first = partial ? (ask.range?.first ?? 0) : 0;
  const body = partial ? resource.subarray(first, (ask.range?.last ?? resource.byteLength - 1) + 1) : resource;
  const answer = readHead(ask, {
    status: partial ? 206 : 200,
    contentRange:
      s.origin === "ranged" ? `bytes ${first}-${first + body.byteLength - 1}/${resource.byteLength}` : undefined,
    bodyBytes: s.origin === "tells-nothing" ? undefined : body.byteLength,
  });
  if ("kind" in answer) throw new Error(`unexpected fault ${answer.kind}`);
  return { segment, from, to: to ?? s.size, partial, ...cut(answer, body, cuts) };
}

function cut(answer: Answer, body: Uint8Array, cuts: readonly number[]) {
  const blocks: [number, Uint8Array][] = [];
  const cutter = createCutter(answer, (index, bytes) => blocks.push([index, bytes]));
  const places = [...new Set([0, ...cuts.filter((c) => c < body.byteLength), body.byteLength])].sort((a, b) => a - b);
  let received = 0;
  for (const [i, place] of places.slice(1).entries()) {
    const piece = body.subarray(places[i], place);
    received += piece.byteLength;
    const state = cutter.push(piece);
    if (state !== "more") return { blocks, state, received, stray: cutter.stray() };
  }
  return { blocks, state: cutter.finish(), received, stray: cutter.stray() };
}

test("however the network cuts the body, the blocks wanted come, whole and in order, and no byte is lost count of", () => {
  fc.assert(
    fc.property(scene, (s) => {
      const { segment, from, to, partial, blocks, state, received, stray } = play(s, s.cuts);
      expect(["done", "enough"]).toContain(state);
      const first = partial ? from / BLOCK : 0;
      const last = Math.ceil(to / BLOCK);
      expect(blocks.map(([index]) => index)).toEqual(Array.from({ length: last - first }, (_, i) => first + i));
      for (const [index, bytes] of blocks) {
        expect(Buffer.compare(bytes, segment.subarray(index * BLOCK, (index + 1) * BLOCK))).toBe(0);
      }
      expect(blocks.reduce((sum, [, bytes]) => sum + bytes.byteLength, 0) + stray).toBe(received);
    }),
    { numRuns: 300 },
  );
});

test("a body cut short or run over its promise is never taken for whole, and no byte is lost count of", () => {
  const broken = fc.record({
    size: fc.integer({ min: 2, max: 4 * BLOCK }),
    off: fc.integer({ min: -BLOCK, max: BLOCK }).filter((n) => n !== 0),
    cuts: fc.array(cutAt, { maxLength: 8 }),
  });
  fc.assert(
    fc.property(broken, (b) => {
      const body = FILE.subarray(0, Math.max(1, b.size + b.off));
      if (body.byteLength === b.size) return;
      const got = cut({ at: 0, size: b.size, end: b.size, runsOn: false }, body, b.cuts);
      expect(got.state).toBe("wrong-size");
      expect(got.blocks.reduce((sum, [, bytes]) => sum + bytes.byteLength, 0) + got.stray).toBe(got.received);
    }),
    { numRuns: 200 },
  );
});
