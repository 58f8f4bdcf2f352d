import {
  blockCount,
  blockSize,
  PEER_LIMITS,
  type RenditionId,
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

/** Renditions are told apart by their level: 0 is the lowest. */
export type Stream = {
  readonly rendition: (level: number) => RenditionId;
  readonly segment: (level: number, msn: number) => Media;
  readonly ofKey: (key: SegmentKey) => Media;
  readonly ofId: (id: SegmentId) => Media;
  /** The digest that a viewer would compute of these bytes. */
  readonly digestOf: (block: Uint8Array) => Digest;
  /** Other bytes of the same length. */
  readonly corrupt: (block: Uint8Array) => Uint8Array;
};

/** Sizes differ by up to this share around the mean. */
const SPREAD = 0.2;

/** Makes a stream in renditions of these `bitrates` (bits per second, lowest first) in segments of `segmentMs` milliseconds. */
export function createStream(of: { seed: number; bitrates: readonly number[]; segmentMs: number }): Stream {
  const store = new Uint8Array(PEER_LIMITS.blockBytes);
  const renditions = of.bitrates.map((_, level) => renditionId(`v${level + 1}`));
  const levels = new Map<string, number>(renditions.map((name, level) => [name, level]));
  const segments = renditions.map(() => new Map<number, Media>());
  const digests = new WeakMap<Uint8Array, Digest>();
  let corrupted = 0;

  /** `name` tells the block from all others, in base64url characters; padded, it looks like a digest. */
  const block = (size: number, name: string): Uint8Array => {
    const view = store.subarray(0, size);
    digests.set(view, name.padEnd(22, "-") as Digest);
    return view;
  };

  const rendition = (level: number): RenditionId => {
    const id = renditions[level];
    if (id === undefined) throw new Error(`there is no rendition ${level}`);
    return id;
  };

  const make = (level: number, msn: number): Media => {
    const mean = ((of.bitrates[level] ?? 0) / 8) * (of.segmentMs / 1000);
    // The same scene is large or small in every rendition.
    const random = randomStream(of.seed, `size/${msn}`);
    const bytes = Math.max(1, Math.round(mean * (1 - SPREAD + 2 * SPREAD * random())));
    const key = { rendition: rendition(level), msn };
    const blocks = Array.from({ length: blockCount(bytes) }, (_, i) =>
      block(blockSize(bytes, i), `${level}_${msn}_${i}`),
    );
    return { key, id: segmentId(key), bytes, blocks };
  };

  const segment = (level: number, msn: number): Media => {
    const known = segments[level]?.get(msn);
    if (known !== undefined) return known;
    const made = make(level, msn);
    segments[level]?.set(msn, made);
    return made;
  };

  return {
    rendition,
    segment,
    ofKey: (key) => segment(levels.get(key.rendition) ?? -1, key.msn),
    ofId(id) {
      const [name = "", msn] = id.split("/");
      return segment(levels.get(name) ?? -1, Number(msn));
    },
    digestOf(view) {
      const digest = digests.get(view);
      if (digest === undefined) throw new Error("the engine sent bytes that it made itself");
      return digest;
    },
    corrupt: (view) => block(view.byteLength, `bad${corrupted++}`),
  };
}
