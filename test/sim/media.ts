import {
  blockCount,
  blockSize,
  PEER_LIMITS,
  renditionId,
  type SegmentKey,
  segmentId,
} from "../../player/protocol/index.ts";
import type { Digest, SegmentId } from "../../tracker/protocol/index.ts";
import { randomStream } from "./random.ts";

/** A segment of the stream, the same for everybody. */
export type Media = {
  readonly key: SegmentKey;
  readonly id: SegmentId;
  readonly bytes: number;
  /** Each block is its own view: identity tells a block from every other, and no byte is ever copied. */
  readonly blocks: readonly Uint8Array[];
};

export type Stream = {
  readonly segment: (msn: number) => Media;
  readonly ofKey: (key: SegmentKey) => Media;
  /** The digest that a viewer would compute of these bytes. */
  readonly digestOf: (block: Uint8Array) => Digest;
  /** Other bytes of the same length. */
  readonly corrupt: (block: Uint8Array) => Uint8Array;
};

/** Sizes differ by up to this share around the mean. */
const SPREAD = 0.2;
const RENDITION = renditionId("v1");

export const keyOf = (msn: number): SegmentKey => ({ rendition: RENDITION, msn });
export const rendition = RENDITION;

/** Makes a stream of `bitsPerSecond` in segments of `segmentMs` milliseconds. */
export function createStream(of: { seed: number; bitsPerSecond: number; segmentMs: number }): Stream {
  const mean = (of.bitsPerSecond / 8) * (of.segmentMs / 1000);
  const store = new Uint8Array(PEER_LIMITS.blockBytes);
  const segments = new Map<number, Media>();
  const digests = new WeakMap<Uint8Array, Digest>();
  let corrupted = 0;

  const block = (size: number, digest: string): Uint8Array => {
    const view = store.subarray(0, size);
    digests.set(view, digest as Digest);
    return view;
  };

  const segment = (msn: number): Media => {
    const known = segments.get(msn);
    if (known !== undefined) return known;
    const random = randomStream(of.seed, `size/${msn}`);
    const bytes = Math.max(1, Math.round(mean * (1 - SPREAD + 2 * SPREAD * random())));
    const blocks = Array.from({ length: blockCount(bytes) }, (_, i) => block(blockSize(bytes, i), `${msn}.${i}`));
    const made: Media = { key: keyOf(msn), id: segmentId(keyOf(msn)), bytes, blocks };
    segments.set(msn, made);
    return made;
  };

  return {
    segment,
    ofKey: (key) => segment(key.msn),
    digestOf(view) {
      const digest = digests.get(view);
      if (digest === undefined) throw new Error("the engine sent bytes that it made itself");
      return digest;
    },
    corrupt: (view) => block(view.byteLength, `bad${corrupted++}`),
  };
}
