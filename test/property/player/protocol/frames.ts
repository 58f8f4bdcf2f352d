import * as fc from "fast-check";
import { blockCount, type Frame, PEER_LIMITS, REFUSALS } from "../../../../player/protocol/index.ts";
import type { Digest } from "../../../../tracker/protocol/index.ts";
import { entries, key, msn, record, rendition, segmentBytes } from "./map-entries.ts";

const requestId = fc.oneof(
  fc.nat({ max: 300 }),
  fc.constantFrom(16_383, 16_384, 2 ** 31, PEER_LIMITS.requestId),
  fc.integer({ min: 0, max: PEER_LIMITS.requestId }),
);

const have = record({ key, bytes: segmentBytes }).chain(({ key, bytes }) =>
  fc
    .nat({ max: blockCount(bytes) - 1 })
    .chain((from) =>
      fc
        .integer({ min: 1, max: blockCount(bytes) - from })
        .map((count): Frame => ({ t: "have", key, bytes, from, count })),
    ),
);

const request = record({ id: requestId, key, from: fc.nat({ max: PEER_LIMITS.blocksPerSegment - 1 }) }).chain((head) =>
  fc
    .integer({ min: 1, max: Math.min(PEER_LIMITS.blocksPerRequest, PEER_LIMITS.blocksPerSegment - head.from) })
    .map((count): Frame => ({ t: "request", ...head, count })),
);

const blockBytes = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 64 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(1, 1448, PEER_LIMITS.blockBytes - 1, PEER_LIMITS.blockBytes), fc.nat({ max: 255 }))
      .map(([length, fill]) => new Uint8Array(length).fill(fill)),
  },
);

/** Every frame that may be sent. */
export const frame: fc.Arbitrary<Frame> = fc.oneof(
  record({
    t: fc.constant("hello" as const),
    version: fc.integer({ min: 1, max: 255 }),
    upload: fc.constantFrom("share" as const, "receive" as const),
    ageMs: fc.constantFrom(0, 127, 128, 60_000, PEER_LIMITS.ageMs),
  }),
  record({ t: fc.constant("tracker" as const), standing: fc.constantFrom("reached" as const, "cut-off" as const) }),
  record({
    t: fc.constant("position" as const),
    rendition,
    asked: msn,
    uplink: fc.integer({ min: 0, max: PEER_LIMITS.uplink }),
  }),
  entries.map((entries): Frame => ({ t: "map", entries })),
  have,
  key.map((key): Frame => ({ t: "lost", key })),
  record({
    t: fc.constant("vouch" as const),
    key,
    bytes: fc.constantFrom(1, PEER_LIMITS.blockBytes, 255 * PEER_LIMITS.blockBytes, PEER_LIMITS.segmentBytes),
  }).map((vouch): Frame => {
    const digest = (i: number) => `${i}`.padStart(22, "A-_z") as Digest;
    return { ...vouch, digests: Array.from({ length: blockCount(vouch.bytes) }, (_, i) => digest(i)) };
  }),
  key.map((key): Frame => ({ t: "buying", key })),
  request,
  requestId.map((id): Frame => ({ t: "cancel", id })),
  record({
    t: fc.constant("block" as const),
    id: requestId,
    index: fc.nat({ max: PEER_LIMITS.blocksPerSegment - 1 }),
    bytes: blockBytes,
  }),
  record({ t: fc.constant("refuse" as const), id: requestId, reason: fc.constantFrom(...REFUSALS) }),
);
