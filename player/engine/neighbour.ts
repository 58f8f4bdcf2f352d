import type { Digest, Nearness, PeerId, SegmentId, Upload } from "../../tracker/protocol/index.ts";
import { blockCount, type Frame, type MapEntry, type SegmentKey } from "../protocol/index.ts";
import type { LinkPath, Millis } from "./types.ts";

/** Segments remembered of one neighbour; what it says beyond that is not needed. */
const MOST_HOLDINGS = 1024;
/** What a neighbour says it holds of a segment: one byte a block, or all. */
export type Holding = { readonly bytes: number; blocks: Uint8Array | "all"; count: number };

/** One request to a neighbour that is not fully answered. */
export type Ask = {
  readonly id: number;
  readonly peer: PeerId;
  readonly segment: SegmentId;
  readonly from: number;
  readonly count: number;
  /** Blocks still to come. */
  left: number;
  readonly askedAt: Millis;
  /** When it was made, or when its last block came. */
  movedAt: Millis;
};

/** One request of a neighbour that is not fully served. `rest`: whether blocks beyond `end` were asked for as well. */
export type UploadJob = {
  readonly id: number;
  readonly segment: SegmentId;
  /** Lower goes first; alike ones in turn. */
  readonly rank: number;
  next: number;
  readonly end: number;
  readonly rest: "none" | "refused";
};

export type RequestFrame = Extract<Frame, { t: "request" }>;

export type Neighbour = {
  readonly id: PeerId;
  readonly near: Nearness;
  readonly path: LinkPath;
  readonly openedAt: Millis;
  /** Undefined until its `hello`. */
  upload: Upload | undefined;
  /** When it began to watch, on this viewer's clock, as it says. */
  since: Millis;
  /** It said what it holds, or that it gives nothing. */
  heard: boolean;
  /** Its link has lost touch: most likely it is gone without a word. */
  silent: boolean;
  position: Extract<Frame, { t: "position" }> | undefined;
  readonly holdings: Map<SegmentId, Holding>;
  /** Segments it said it is buying, and when it said so. */
  readonly buying: Map<SegmentId, Millis>;
  /** Digests that it vouches for. */
  readonly vouched: Map<SegmentId, { readonly bytes: number; readonly digests: readonly Digest[] }>;
  /** It says that it is cut off from the tracker; see `vouching.ts`. */
  cutOff: boolean;
  readonly asks: Map<number, Ask>;
  /** Requests given up lately: their blocks may still come. */
  readonly dropped: Map<number, Ask>;
  nextAsk: number;
  inFlight: number;
  /** Not asked before this time: it said busy, or let a request run out. */
  restUntil: Millis;
  responseMs: Millis | undefined;
  bytesPerMs: number | undefined;
  /** When its last block came. */
  movedAt: Millis;
  /** Blocks counted towards the next measurement of its rate, and since when. */
  burst: { bytes: number; from: Millis };
  received: number;
  sent: number;
  /** When a block was last sent to it. */
  sentAt: Millis;
  offences: number;
  readonly uploads: UploadJob[];
  /** Requests of it for what is being read from disk. */
  awaitingDisk: { readonly segment: SegmentId; readonly frame: RequestFrame }[];
  /** Bytes handed to the link since it last was writable. */
  linkBytes: number;
};

export function createNeighbour(id: PeerId, near: Nearness, path: LinkPath, now: Millis): Neighbour {
  return {
    id,
    near,
    path,
    openedAt: now,
    upload: undefined,
    since: now,
    heard: false,
    silent: false,
    position: undefined,
    holdings: new Map(),
    buying: new Map(),
    vouched: new Map(),
    cutOff: false,
    asks: new Map(),
    dropped: new Map(),
    nextAsk: 1,
    inFlight: 0,
    restUntil: 0,
    responseMs: undefined,
    bytesPerMs: undefined,
    movedAt: 0,
    burst: { bytes: 0, from: 0 },
    received: 0,
    sent: 0,
    sentAt: 0,
    offences: 0,
    uploads: [],
    awaitingDisk: [],
    linkBytes: 0,
  };
}

/** May anything be had from it? */
export const gives = ({ upload, silent }: Neighbour): boolean => upload !== "receive" && !silent;

/** Replaces all that is known of a neighbour's holdings. */
export function replaceHoldings(
  n: Neighbour,
  entries: readonly MapEntry[],
  idOf: (key: SegmentKey) => SegmentId,
): void {
  n.holdings.clear();
  for (const { key, bytes, blocks } of entries) {
    if (n.holdings.size >= MOST_HOLDINGS) return;
    const total = blockCount(bytes);
    if (blocks === "all") {
      n.holdings.set(idOf(key), { bytes, blocks: "all", count: total });
      continue;
    }
    const flags = new Uint8Array(total);
    let count = 0;
    for (let i = 0; i < total; i++) {
      if (((blocks[i >> 3] ?? 0) >> (i & 7)) & 1) {
        flags[i] = 1;
        count++;
      }
    }
    if (count > 0) n.holdings.set(idOf(key), { bytes, blocks: count === total ? "all" : flags, count });
  }
}

/** Adds blocks to a holding. A new size replaces what was said before. */
export function addHolding(n: Neighbour, id: SegmentId, bytes: number, from: number, count: number): void {
  const total = blockCount(bytes);
  let holding = n.holdings.get(id);
  if (holding === undefined || holding.bytes !== bytes) {
    if (n.holdings.size >= MOST_HOLDINGS) {
      const oldest = n.holdings.keys().next();
      if (!oldest.done) n.holdings.delete(oldest.value);
    }
    holding = { bytes, blocks: new Uint8Array(total), count: 0 };
    n.holdings.set(id, holding);
  }
  if (holding.blocks === "all") return;
  for (let i = from; i < Math.min(total, from + count); i++) {
    if (holding.blocks[i] === 0) {
      holding.blocks[i] = 1;
      holding.count++;
    }
  }
  if (holding.count === total) holding.blocks = "all";
}

/** Does it say that it holds this block? */
export const holds = (holding: Holding | undefined, index: number): boolean =>
  holding !== undefined && (holding.blocks === "all" || holding.blocks[index] === 1);

/** Does it say that it holds all of these blocks? */
export function holdsRun(holding: Holding | undefined, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (!holds(holding, i)) return false;
  return true;
}
