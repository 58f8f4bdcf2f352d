import type { Digest, PeerId, SegmentId } from "../../tracker/protocol/index.ts";
import type { CdnReason } from "../../worker/protocol/index.ts";
import { blockCount, blockSize, type SegmentKey, segmentId } from "../protocol/index.ts";
import type { Ask } from "./neighbour.ts";
import type { FetchId, Millis, RequestId } from "./types.ts";

/** A block of a segment. `parked`: it came from a neighbour and waits for a digest to be checked against. */
export type Block =
  | { readonly s: "missing" }
  | { readonly s: "asked"; readonly ask: Ask }
  | { readonly s: "parked"; readonly bytes: Uint8Array; readonly digest: Digest; readonly peer: PeerId }
  | { readonly s: "held"; readonly bytes: Uint8Array }
  /** Checked, and kept on the viewer's disk; see `disk.ts`. */
  | { readonly s: "onDisk" };

export const MISSING: Block = { s: "missing" };
export const ON_DISK: Block = { s: "onDisk" };

/** hls.js waits for the segment. */
export type Want = {
  readonly request: RequestId;
  readonly since: Millis;
  readonly deadline: Millis;
  readonly start: boolean;
};

/** A transfer from the CDN under way. */
export type Transfer = {
  readonly fetch: FetchId;
  readonly reason: CdnReason;
  /** Bought ahead of need, because neighbours will likely be too slow; or when there was need. */
  readonly when: "early" | "due";
  readonly askedAt: Millis;
  /** First block that it still owes, and the block after its last; `undefined` until the size is known. */
  next: number;
  end: number | undefined;
  openedAt: Millis | undefined;
  movedAt: Millis;
  bytes: number;
  /** What had come over the line before it was opened, from whomever, in bytes. */
  lineBefore: number;
};

/** What is known of a segment's digests. `certain`: the segment's size comes from there or from the CDN itself. */
export type DigestBook = {
  verdict: "unknown" | "agreed" | "conflict";
  list: (Digest | null)[];
  askAt: Millis;
  askGap: Millis;
};

/** Where the blocks of a segment came from so far. */
export type Sources = {
  cdn: number;
  peer: number;
  relay: number;
  readonly peers: Map<PeerId, number>;
  reason: CdnReason | undefined;
  cdnMs: Millis;
  firstByteMs: Millis;
};

export type Segment = {
  readonly key: SegmentKey;
  readonly id: SegmentId;
  /** Size in bytes: unknown, claimed by a neighbour, or certain. */
  size: { readonly from: "nobody" } | { readonly from: "neighbour" | "cdn" | "digests"; readonly bytes: number };
  blocks: Block[];
  held: number;
  /** A copy of it is on disk, or being read from there. */
  disk: "none" | "kept" | "reading";
  /** When it was last read from disk. */
  readAt: Millis;
  digests: DigestBook;
  /** Blocks that came from the CDN, by index: their digests, or which fetch brought them while that is not known. */
  readonly own: Map<number, Digest | FetchId>;
  /** Those of them whose digest the tracker was not told yet. */
  readonly unpublished: Set<number>;
  readonly wants: Want[];
  /** Peers may fill it although hls.js has not asked yet. */
  ahead: boolean;
  readonly seenAt: Millis;
  transfer: Transfer | undefined;
  cdnFailures: number;
  cdnRetryAt: Millis;
  /** A copy failed its check, so the CDN's bytes are bought for that reason. */
  failedCheck: boolean;
  readonly sources: Sources;
  /** Bytes of it that were bought at the last moment, because neighbours were too slow. */
  boughtLate: number;
  /** The CDN was too slow for all who asked it; see `turns.ts`. */
  boughtInTurns: boolean;
  /** It was left to others for a while, and nobody near bought it. */
  leftInVain: boolean;
  /** Held, but neighbours have not been told. */
  readonly untold: Set<number>;
};

export function createSegment(key: SegmentKey, now: Millis): Segment {
  return {
    key,
    id: segmentId(key),
    size: { from: "nobody" },
    blocks: [],
    held: 0,
    disk: "none",
    readAt: Number.NEGATIVE_INFINITY,
    digests: { verdict: "unknown", list: [], askAt: 0, askGap: 0 },
    own: new Map(),
    unpublished: new Set(),
    wants: [],
    ahead: false,
    seenAt: now,
    transfer: undefined,
    cdnFailures: 0,
    cdnRetryAt: 0,
    failedCheck: false,
    boughtLate: 0,
    boughtInTurns: false,
    leftInVain: false,
    sources: { cdn: 0, peer: 0, relay: 0, peers: new Map(), reason: undefined, cdnMs: 0, firstByteMs: 0 },
    untold: new Set(),
  };
}

/** Size in bytes as far as known. */
export const sizeOf = (seg: Segment): number | undefined => (seg.size.from === "nobody" ? undefined : seg.size.bytes);

export const isWhole = (seg: Segment): boolean =>
  seg.size.from !== "nobody" && seg.blocks.length > 0 && seg.held === seg.blocks.length;

/** All of it is at hand, though not all in memory. */
export const isOnDisk = (seg: Segment): boolean =>
  seg.disk !== "none" && seg.held < seg.blocks.length && seg.blocks.every(({ s }) => s === "onDisk" || s === "held");

/** Bytes not held, as far as the size is known. */
export function missingBytes(seg: Segment): number | undefined {
  const bytes = sizeOf(seg);
  if (bytes === undefined) return undefined;
  let missing = 0;
  for (let i = 0; i < seg.blocks.length; i++) if (seg.blocks[i]?.s !== "held") missing += blockSize(bytes, i);
  return missing;
}

/** Lays out the blocks of a segment whose size is known now. What was held under another size is of no use. */
export function layOut(seg: Segment, bytes: number, from: "neighbour" | "cdn" | "digests"): void {
  if (seg.size.from !== "nobody" && seg.size.bytes === bytes) {
    seg.size = { from, bytes };
    return;
  }
  seg.size = { from, bytes };
  seg.blocks = Array.from({ length: blockCount(bytes) }, () => MISSING);
  seg.held = 0;
  seg.untold.clear();
  seg.own.clear();
  seg.unpublished.clear();
}

/** The blocks of a whole segment, in order. */
export function wholeBlocks(seg: Segment): Uint8Array[] {
  return seg.blocks.map((block) => {
    if (block.s !== "held") throw new Error(`${seg.id} is not whole`);
    return block.bytes;
  });
}

/** Is somebody here still after this segment? */
export const isWanted = (seg: Segment): boolean => seg.wants.length > 0 || seg.ahead;

/** hls.js waits for it. */
export const isAskedFor = (seg: Segment): boolean => seg.wants.length > 0;

/** When playback runs dry without it; Infinity while hls.js does not wait for it. */
export function deadlineOf({ wants }: Segment): Millis {
  let first = Number.POSITIVE_INFINITY;
  for (const { deadline } of wants) first = Math.min(first, deadline);
  return first;
}

/** The CDN was asked for it in vain. */
export const isFailing = ({ cdnFailures }: Segment): boolean => cdnFailures > 0;

/** Nothing is left that no neighbour is sending. */
export const isAllAsked = ({ blocks }: Segment): boolean =>
  blocks.length > 0 && blocks.every((block) => block.s !== "missing");

/** Blocks that neighbours are sending. */
export function askedOf({ blocks }: Segment): number {
  let sum = 0;
  for (const block of blocks) if (block.s === "asked") sum++;
  return sum;
}

/** Blocks that are on their way, from neighbours and from the CDN. */
export function onTheirWay(seg: Segment): number {
  const { blocks, transfer } = seg;
  return askedOf(seg) + (transfer === undefined ? 0 : Math.max(0, (transfer.end ?? blocks.length) - transfer.next));
}

/** Digests kept in step with the size: a list of another length than the blocks is no use. */
export const digestOf = (seg: Segment, index: number): Digest | undefined =>
  seg.digests.verdict === "agreed" ? (seg.digests.list[index] ?? undefined) : undefined;
