import { blockCount, blockSize } from "../../../../player/protocol/index.ts";
import type { SegmentId } from "../../../../tracker/protocol/index.ts";

export const id = (text: string): SegmentId => text as SegmentId;

/** A segment of `size` bytes in blocks as the engine keeps them: each in a buffer of its own. */
export function segment(size: number, seed = 1): readonly Uint8Array[] {
  return Array.from({ length: blockCount(size) }, (_, index) =>
    Uint8Array.from({ length: blockSize(size, index) }, (_, at) => (at * 31 + index * 7 + seed) & 255),
  );
}
