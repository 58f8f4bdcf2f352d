import * as fc from "fast-check";
import {
  blockCount,
  type MapEntry,
  PEER_LIMITS,
  renditionId,
  type SegmentKey,
} from "../../../../player/protocol/index.ts";

/** Records as object literals make them, so that a decoded frame can be compared strictly. */
export const record = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(shape, { noNullPrototype: true });

/** Ids as playlists make them, and any other that is allowed. */
export const rendition = fc
  .oneof(
    fc.constantFrom("720p", "v1", "audio_en", "avc1.64001f-1280x720-2800000", "r".repeat(64)),
    fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 64 }),
  )
  .map(renditionId);

/** Small for VOD, large for live counters, seconds or milliseconds of the day's clock, and around each longer varint. */
export const msn = fc.oneof(
  fc.nat({ max: 5000 }),
  fc.integer({ min: 1_700_000_000, max: 1_900_000_000_000 }),
  fc.constantFrom(
    127,
    128,
    16_383,
    16_384,
    2 ** 31,
    2 ** 32,
    2 ** 49 - 1,
    2 ** 49,
    PEER_LIMITS.msn - 1,
    PEER_LIMITS.msn,
  ),
);

const part = fc.oneof(fc.constantFrom(0, 126, 127, PEER_LIMITS.part), fc.nat({ max: 12 }));

export const key: fc.Arbitrary<SegmentKey> = fc.oneof(record({ rendition, msn }), record({ rendition, msn, part }));

/** Typical sizes, and those a byte to either side of a whole number of blocks. */
export const segmentBytes = fc.oneof(
  fc.integer({ min: 1, max: 4_000_000 }),
  fc
    .tuple(fc.integer({ min: 1, max: PEER_LIMITS.blocksPerSegment }), fc.constantFrom(-1, 0, 1))
    .map(([blocks, off]) => Math.min(blocks * PEER_LIMITS.blockBytes + off, PEER_LIMITS.segmentBytes)),
);

/** What of a segment is held while it fills: the front, the front and the tail, or blocks from here and there. */
type Held = "front" | "both-ends" | "scattered" | "none" | "every";

function bitmapOf(bytes: number, held: Held, amount: number): Uint8Array {
  const blocks = blockCount(bytes);
  const bitmap = new Uint8Array(Math.ceil(blocks / 8));
  for (let block = 0; block < blocks; block++) {
    const has = {
      front: block < amount,
      "both-ends": block < amount || block >= blocks - amount,
      scattered: (block * 7 + amount) % 3 === 0,
      none: false,
      every: true,
    }[held];
    if (has) bitmap[block >> 3] = (bitmap[block >> 3] ?? 0) | (1 << (block & 7));
  }
  return bitmap;
}

const partly = record({
  held: fc.constantFrom<Held>("front", "both-ends", "scattered", "none", "every"),
  amount: fc.nat({ max: 40 }),
});

const loneEntry: fc.Arbitrary<MapEntry> = record({ key, bytes: segmentBytes, partly: fc.option(partly) }).map(
  ({ key, bytes, partly }) => ({
    key,
    bytes,
    blocks: partly === null ? "all" : bitmapOf(bytes, partly.held, partly.amount),
  }),
);

/**
 * What a viewer holds: windows of consecutive segments, one for each rendition it played, the last segments in part. Lengths
 * are those at which counts outgrow a byte or a varint group.
 */
export const windows: fc.Arbitrary<MapEntry[]> = record({
  renditions: fc.array(rendition, { minLength: 1, maxLength: 3 }),
  start: fc.oneof(fc.nat({ max: 100_000 }), fc.constant(PEER_LIMITS.msn - 600)),
  length: fc.oneof(fc.constantFrom(0, 1, 2, 127, 128, 129, 255, 256, 257, 511, 512), fc.nat({ max: 60 })),
  bytes: segmentBytes,
  partly,
  filling: fc.nat({ max: 4 }),
  parts: fc.boolean(),
  twice: fc.nat({ max: 3 }),
}).map(({ renditions, start, length, bytes, partly, filling, parts, twice }) => {
  const entries = Array.from({ length }, (_, at): MapEntry => {
    const rendition = renditions[Math.floor((at * renditions.length) / length)] ?? renditionId("720p");
    const fills = at >= length - filling;
    const place = parts && fills ? { msn: start + Math.max(0, length - filling), part: at % 8 } : { msn: start + at };
    return {
      key: { rendition, ...place },
      bytes,
      blocks: fills ? bitmapOf(bytes, partly.held, partly.amount) : "all",
    };
  });
  return [...entries, ...entries.slice(0, twice)];
});

/** Maps that may be sent: no more entries than the cap, and small enough (a partial tail of at most four segments is). */
export const entries = fc.oneof(
  windows.map((held) => held.slice(0, PEER_LIMITS.mapEntries)),
  fc.array(loneEntry, { maxLength: 40 }),
);

/** Entries of which a full map never fits: long names that alternate, and bitmaps of up to 1024 blocks. */
export const heavyEntries: fc.Arbitrary<MapEntry[]> = record({
  nameLength: fc.integer({ min: 1, max: 64 }),
  alternate: fc.boolean(),
  msn: fc.constantFrom(0, 10_000, PEER_LIMITS.msn - 1000),
  blocks: fc.constantFrom(1, 8, 9, 700, 1023, 1024),
  wholeEvery: fc.integer({ min: 1, max: 5 }),
  length: fc.constantFrom(0, 1, 255, 256, 257, 400, 511, 512, 513, 700),
}).map(({ nameLength, alternate, msn, blocks, wholeEvery, length }) => {
  const bytes = blocks * PEER_LIMITS.blockBytes;
  return Array.from({ length }, (_, at) => ({
    key: { rendition: renditionId((alternate && at % 2 === 1 ? "b" : "a").repeat(nameLength)), msn: msn + at },
    bytes,
    blocks: at % wholeEvery === 1 ? "all" : bitmapOf(bytes, "scattered", at),
  }));
});
