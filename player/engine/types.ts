import type { Digest, Nearness, PeerId, SegmentId, Upload } from "../../tracker/protocol/index.ts";
import type { Caution, CdnReason } from "../../worker/protocol/index.ts";
import type { Frame, RenditionId, SegmentKey } from "../protocol/index.ts";

/** One call of hls.js for one fragment. Made by the caller, unique within a session. */
export type RequestId = number;
/** One transfer from the CDN. Made by the engine, unique within a session. */
export type FetchId = number;
/** Milliseconds on the caller's monotonic clock; only differences count. */
export type Millis = number;

/** How a link's bytes travel: straight, or through a TURN server, which costs somebody money: this viewer's own, or the other's alone. */
export type LinkPath = "direct" | "own-relay" | "their-relay";

/** Why a transfer from the CDN ended without all that was asked for. */
export type CdnFault =
  | { readonly kind: "http"; readonly status: number }
  | { readonly kind: "network" }
  | { readonly kind: "timeout" }
  /** Body shorter or longer than promised, or another size than the digests tell. */
  | { readonly kind: "wrong-size" }
  /** Another ETag or size than the part that is held: the origin changed the segment. */
  | { readonly kind: "changed" };

/** All that the engine is told. `handle` takes one of these and the time. */
export type EngineEvent =
  // -- playback
  /** A media playlist as hls.js holds it now. `segmentMs` is its target duration. */
  | {
      readonly t: "playlist";
      readonly rendition: RenditionId;
      readonly live: boolean;
      readonly first: number;
      readonly last: number;
      readonly segmentMs: Millis;
    }
  /**
   * Where playback is. `bufferedMs` is what lies ahead of the playhead, in playing time at the current rate; `goalMs` is how
   * much hls.js wants there before it rests.
   */
  | {
      readonly t: "playhead";
      readonly rendition: RenditionId;
      readonly msn: number;
      readonly bufferedMs: Millis;
      readonly goalMs: Millis;
    }
  /** The picture stood still for a while although what comes next was there: the device has more to do than it can. */
  | { readonly t: "overload" }
  /** hls.js asks for a segment. `deadline`: when playback runs dry without it. `start`: nothing was shown yet. */
  | {
      readonly t: "want";
      readonly request: RequestId;
      readonly key: SegmentKey;
      readonly deadline: Millis;
      readonly start: boolean;
    }
  | { readonly t: "abandon"; readonly request: RequestId }
  // -- mesh
  | {
      readonly t: "peer-open";
      readonly peer: PeerId;
      readonly near: Nearness;
      readonly path: LinkPath;
    }
  | { readonly t: "peer-closed"; readonly peer: PeerId }
  /** Nothing comes from a neighbour any more, though its link is not given up; or it is heard again. */
  | { readonly t: "peer-silent"; readonly peer: PeerId; readonly silent: boolean }
  /** A neighbour sent what is no frame, or more than can be taken in. */
  | { readonly t: "bad-frame"; readonly peer: PeerId }
  /** A frame from a neighbour. A `block` comes with the digest of its bytes. */
  | { readonly t: "frame"; readonly peer: PeerId; readonly frame: Frame; readonly digest?: Digest }
  /** The link took all that was sent: there is room for more. */
  | { readonly t: "writable"; readonly peer: PeerId }
  // -- CDN
  /**
   * The answer's head. `bytes`: size of the whole segment if told; `from`: first byte that comes. Range was ignored where that is not
   * the first byte asked for, or where the answer `runsOn` beyond the last.
   */
  | {
      readonly t: "cdn-opened";
      readonly fetch: FetchId;
      readonly bytes: number | undefined;
      readonly from: number;
      readonly runsOn: boolean;
    }
  /** A block of the segment came in whole. */
  | {
      readonly t: "cdn-block";
      readonly fetch: FetchId;
      readonly index: number;
      readonly bytes: Uint8Array;
    }
  /** The digest of a block that came. Nobody waits for it here: to this viewer its own origin's bytes are the truth. */
  | {
      readonly t: "cdn-digest";
      readonly fetch: FetchId;
      readonly segment: SegmentId;
      readonly index: number;
      readonly digest: Digest;
    }
  /** All came. `stray`: bytes received that were in no block. */
  | { readonly t: "cdn-done"; readonly fetch: FetchId; readonly stray: number }
  | { readonly t: "cdn-failed"; readonly fetch: FetchId; readonly stray: number; readonly fault: CdnFault }
  /** Told once after each `cdn-abort`: bytes that had come in and were in no block told before. */
  | { readonly t: "cdn-aborted"; readonly fetch: FetchId; readonly stray: number }
  // -- tracker
  /** `alone`: the tracker is there, but speaks for its own viewers only. */
  | { readonly t: "tracker"; readonly state: "up" | "alone" | "down" }
  | { readonly t: "joined"; readonly self: PeerId }
  | { readonly t: "swarm"; readonly size: number }
  | {
      readonly t: "digests";
      readonly segment: SegmentId;
      readonly verdict: "agreed";
      readonly bytes: number;
      readonly digests: readonly (Digest | null)[];
    }
  | { readonly t: "digests"; readonly segment: SegmentId; readonly verdict: "conflict" }
  | { readonly t: "digests"; readonly segment: SegmentId; readonly verdict: "unknown" }
  | { readonly t: "mode"; readonly mode: Upload | "off"; readonly uploadBitsPerSecond: number }
  // -- disk
  /** There is a place on disk for segments on demand. */
  | { readonly t: "disk-ready" }
  /** These are not on disk any more, or could not be put there. */
  | { readonly t: "disk-lost"; readonly segments: readonly SegmentId[] }
  /** Told once after each `disk-read`: the segment's blocks, or undefined when it is not there any more. */
  | { readonly t: "disk-read"; readonly segment: SegmentId; readonly blocks: readonly Uint8Array[] | undefined }
  /** Time passed; sent no later than `wakeAt`. */
  | { readonly t: "tick" };

/** How a segment was filled: bytes by source, and the CDN's by reason. */
export type FillReport = {
  readonly key: SegmentKey;
  readonly bytes: number;
  readonly cdnBytes: number;
  readonly peerBytes: number;
  readonly relayBytes: number;
  /** Bytes by neighbour. */
  readonly peers: ReadonlyMap<PeerId, number>;
  /** Why the CDN was asked, or undefined when it was not. */
  readonly reason: CdnReason | undefined;
  /** From the first wish to the last byte, in milliseconds. */
  readonly tookMs: Millis;
  /** Measured on the CDN transfers of this segment: bytes and milliseconds; 0 when there were none. */
  readonly cdnTransfer: { readonly bytes: number; readonly ms: Millis; readonly firstByteMs: Millis };
};

/** Why a neighbour is let go. */
export type DropReason =
  | "bad-frame"
  | "bad-version"
  | "failed-check"
  | "flood"
  | "shunned"
  | "useless"
  | "mode-off"
  /** This viewer keeps to those it has; see `caution.ts`. */
  | "enough";

/** All that the engine wants done. The caller carries out each in order. */
export type Effect =
  | { readonly t: "send"; readonly peer: PeerId; readonly frame: Frame }
  | { readonly t: "drop"; readonly peer: PeerId; readonly reason: DropReason }
  /** Fetch from the CDN: from byte `from`, to byte `to` (exclusive), or to the end; 0 and undefined ask for it whole. */
  | {
      readonly t: "cdn-get";
      readonly fetch: FetchId;
      readonly key: SegmentKey;
      readonly from: number;
      readonly to: number | undefined;
    }
  | { readonly t: "cdn-abort"; readonly fetch: FetchId }
  /** The segment is whole and checked: these blocks in order. The caller copies them; they stay the engine's. */
  | {
      readonly t: "deliver";
      readonly request: RequestId;
      readonly blocks: readonly Uint8Array[];
      readonly report: FillReport;
    }
  /** How far a wanted segment is, for hls.js' own watch over slow loads. */
  | { readonly t: "progress"; readonly request: RequestId; readonly held: number; readonly bytes: number | undefined }
  | { readonly t: "fail"; readonly request: RequestId; readonly fault: CdnFault }
  | { readonly t: "ask-digests"; readonly segments: readonly SegmentId[] }
  | {
      readonly t: "publish-digests";
      readonly segment: SegmentId;
      readonly bytes: number;
      readonly from: number;
      readonly digests: readonly Digest[];
    }
  /** Keep this segment on disk. The blocks are not changed any more. */
  | { readonly t: "disk-put"; readonly segment: SegmentId; readonly blocks: readonly Uint8Array[] }
  | { readonly t: "disk-read"; readonly segment: SegmentId }
  | { readonly t: "disk-remove"; readonly segment: SegmentId }
  | { readonly t: "more-neighbours"; readonly reason: "alone" | "lost" | "slow"; readonly have: number };

/** What a device and its owner allow. */
export type EngineLimits = {
  /** Most bytes that the store keeps. */
  readonly storeBytes: number;
  /** Most neighbours. */
  readonly neighbours: number;
  /** Most blocks asked of others at one time. */
  readonly blocksInFlight: number;
  /** How far ahead of the playhead peers may fill on VOD, in milliseconds. */
  readonly prefetchMs: Millis;
  /** Blocks that may wait in one link's send buffer. */
  readonly blocksQueuedPerLink: number;
  /** Most bytes uploaded for each byte received, beyond the first 16 MiB; may be infinite. */
  readonly uploadRatio: number;
};

/** A neighbour as pages show it. */
export type NeighbourView = {
  readonly peer: PeerId;
  readonly near: Nearness;
  readonly path: LinkPath;
  /** Checked bytes that came from it, and bytes sent to it. */
  readonly received: number;
  readonly sent: number;
  /** Measured from request to first block, in milliseconds; undefined before the first. */
  readonly responseMs: Millis | undefined;
};

/** Everything counted since the session began. Bytes are counted once, when they arrive. */
export type Totals = {
  readonly cdn: number;
  readonly peer: number;
  readonly relay: number;
  readonly cdnReasons: Readonly<Record<CdnReason, number>>;
  /** Bytes delivered to hls.js. */
  readonly played: number;
  readonly uploaded: number;
  readonly wasted: number;
};

/** Where peers' bytes came from and went, since the session began. */
export type Shares = {
  /** `Totals.peer` by how near the neighbour was. */
  readonly near: Readonly<Record<Nearness, number>>;
  /** Bytes of blocks that came from, and went to, each neighbour ever connected, whatever the path. */
  readonly links: ReadonlyMap<PeerId, { readonly received: number; readonly sent: number }>;
};

/** The engine: takes an event and the time, gives what is to be done. Nothing in it waits, reads a clock or does I/O. */
export type Engine = {
  /** `now` never goes back. */
  readonly handle: (event: EngineEvent, now: Millis) => readonly Effect[];
  /** When it wants a `tick` at the latest; Infinity when nothing is under way. Read after each `handle`. */
  readonly wakeAt: () => Millis;
  readonly totals: () => Totals;
  readonly shares: () => Shares;
  readonly neighbours: () => readonly NeighbourView[];
  /** How many neighbours that give hold this segment, whole or in part, or are fetching it from the CDN. */
  readonly offers: (key: SegmentKey) => number;
  readonly storedBytes: () => number;
  readonly caution: () => Caution;
};
