import type { Upload } from "../../tracker/protocol/index.ts";
import { FrameError } from "./errors.ts";
import type { Frame } from "./frames.ts";
import { PEER_LIMITS } from "./limits.ts";

/** First byte of a frame. 0 and everything above 12 is free for later versions. */
export const FRAME_CODES = {
  hello: 1,
  position: 2,
  map: 3,
  have: 4,
  lost: 5,
  buying: 6,
  request: 7,
  cancel: 8,
  block: 9,
  refuse: 10,
  vouch: 11,
  tracker: 12,
} as const satisfies Record<Frame["t"], number>;

/** On the wire an upload choice is its place in this list. */
export const UPLOADS = ["share", "receive"] as const satisfies readonly Upload[];

/** Bytes in the longest varint: 8 groups of 7 bits hold the 53 bits of a safe integer. */
export const VARINT_BYTES = 8;

/** A number on the wire: its name in messages, and the least and greatest value that is accepted. */
export type Field = { readonly name: string; readonly min: number; readonly max: number };

const field = (name: string, min: number, max: number): Field => ({ name, min, max });

/** Every number that a frame can carry. Reader and writer share these ranges, so none is ever sent that the other refuses. */
export const FIELDS = {
  version: field("version", 1, 255),
  age: field("age", 0, PEER_LIMITS.ageMs),
  renditionLength: field("rendition length", 1, PEER_LIMITS.renditionLength),
  msn: field("media sequence number", 0, PEER_LIMITS.msn),
  uplink: field("uplink", 0, PEER_LIMITS.uplink),
  part: field("part", 0, PEER_LIMITS.part),
  /** How a part is written: 0 for a whole segment, otherwise the part's index plus one. */
  partCode: field("part", 0, PEER_LIMITS.part + 1),
  segmentBytes: field("segment size", 1, PEER_LIMITS.segmentBytes),
  mapEntries: field("number of map entries", 0, PEER_LIMITS.mapEntries),
  entryForm: field("form of a map entry", 0, 3),
  blockIndex: field("block index", 0, PEER_LIMITS.blocksPerSegment - 1),
  haveCount: field("number of blocks held", 1, PEER_LIMITS.blocksPerSegment),
  requestCount: field("number of blocks asked for", 1, PEER_LIMITS.blocksPerRequest),
  requestId: field("request id", 0, PEER_LIMITS.requestId),
  blockLength: field("block length", 1, PEER_LIMITS.blockBytes),
} as const;

/** Gives `value` back. Throws `FrameError` (`out-of-range`) unless it is a whole number inside the field's range. */
export function inRange(value: number, { name, min, max }: Field): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new FrameError("out-of-range", `The ${name} must be a whole number from ${min} to ${max}, not ${value}.`);
}

/** Checks that a run of blocks ends inside a segment of `blocks` blocks. Throws `FrameError` (`out-of-range`). */
export function checkRun(from: number, count: number, blocks: number): void {
  if (from + count <= blocks) return;
  throw new FrameError(
    "out-of-range",
    `Blocks ${from} to ${from + count - 1} do not fit a segment of ${blocks} blocks.`,
  );
}
