import { blockCount, PEER_LIMITS } from "../protocol/index.ts";

/**
 * Blocks as a body that the browser takes one at a time. Joined first, a segment would be in memory twice, and the page would
 * stand still while it is handed over.
 */
export function body(blocks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const rest = blocks.values();
  return new ReadableStream({
    pull: (controller) => {
      const { done, value } = rest.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** A segment's bytes in blocks, without copying them. */
export function cut(bytes: Uint8Array): readonly Uint8Array[] {
  const { blockBytes } = PEER_LIMITS;
  return Array.from({ length: blockCount(bytes.length) }, (_, i) =>
    bytes.subarray(i * blockBytes, (i + 1) * blockBytes),
  );
}
