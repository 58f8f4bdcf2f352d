import type { PeerId, SegmentId, Upload } from "../../tracker/protocol/index.ts";
import type { Caution, CdnReason } from "../../worker/protocol/index.ts";
import type { RenditionId } from "../protocol/index.ts";
import type { CdnEstimate } from "./estimate.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Segment } from "./segment.ts";
import type { Effect, EngineLimits, FetchId, Millis } from "./types.ts";

/** A media playlist as hls.js last saw it. */
export type Playlist = {
  readonly live: boolean;
  readonly first: number;
  readonly last: number;
  readonly segmentMs: Millis;
};

/** Where playback was when last heard of. */
export type Playhead = {
  readonly rendition: RenditionId;
  readonly msn: number;
  readonly bufferedMs: Millis;
  readonly goalMs: Millis;
  readonly at: Millis;
};

/** How far this viewer has backed off, until when, and how many neighbours it may have; see `caution.ts`. */
type BackedOff = { readonly step: Caution; readonly until: Millis; readonly neighbours: number };

/** What this viewer's line carries: the highest rate at which bytes came in lately, and those being added up; see `line.ts`. */
export type Line = {
  peakBytesPerMs: number | undefined;
  /** The highest ever seen. */
  mostBytesPerMs: number;
  /** All that ever came in, in bytes. */
  total: number;
  bytes: number;
  from: Millis;
  /** When the last of the blocks will have come that were given up while a neighbour was sending them. */
  ghostsUntil: Millis;
};

/** What follows from an event: everything is to be looked at again, or merely what goes out to neighbours, or nothing. */
export type Follows = "all" | "sending" | "nothing";

/** All state of an engine. The other files of this folder are its verbs; each does one thing to it. */
export type Core = {
  readonly limits: EngineLimits;
  now: Millis;
  out: Effect[];
  readonly startedAt: Millis;
  self: PeerId | undefined;
  joinedAt: Millis | undefined;
  swarmSize: number;
  /** `alone`: it answers, but cannot ask the operator's other trackers what their viewers say. */
  tracker: "connecting" | "up" | "alone" | "down";
  mode: Upload | "off";
  caution: BackedOff;
  playhead: Playhead | undefined;
  /** Last segment that hls.js asked for, by rendition. */
  asked: { readonly rendition: RenditionId; readonly msn: number; readonly deadline: Millis } | undefined;
  /** What all neighbours were told of that and of the uplink. */
  told: Neighbour["position"];
  readonly playlists: Map<RenditionId, Playlist>;
  readonly segments: Map<SegmentId, Segment>;
  /** Size in bytes of the segment delivered last, by rendition. */
  readonly sizes: Map<RenditionId, number>;
  /** Segments left to others in vain since one last came from somebody or was bought near, by rendition; see `vain.ts`. */
  readonly vain: Map<RenditionId, number>;
  /** Those of them that are wanted and not whole; those with blocks to announce; those with digests to publish. */
  readonly open: Set<Segment>;
  readonly untold: Set<Segment>;
  readonly unpublished: Set<Segment>;
  /** Segments whose digests neighbours were not told; see `vouching.ts`. */
  readonly unvouched: Set<Segment>;
  storedBytes: number;
  disk: "none" | "ready";
  readonly neighbours: Map<PeerId, Neighbour>;
  /** Until when those are not taken back who were let go for what they did, by identity; see `links.ts`. */
  readonly shunned: Map<string, Millis>;
  /** How soon neighbours answered of late; undefined before the first did. */
  responseMs: Millis | undefined;
  readonly transfers: Map<FetchId, Segment>;
  /** Transfers stopped whose last bytes are not counted yet. */
  readonly aborted: Map<FetchId, CdnReason>;
  nextFetch: FetchId;
  readonly cdn: CdnEstimate;
  readonly line: Line;
  /** Share of a segment that neighbours lately could not deliver in time, 0 to 1. */
  shortfall: number;
  /** Upload allowance: a bucket of bytes that refills at the cap. */
  readonly bucket: { bytesPerMs: number; level: number; at: Millis };
  /** What the uplink does: its measured rate, and the busy time that is being measured. */
  readonly uplink: { bytesPerMs: number | undefined; drained: number; busySince: Millis };
  readonly ledger: Ledger;
  /** When held blocks are next told to neighbours; Infinity when all is told. */
  announceAt: Millis;
  publishAt: Millis;
  neighboursAskedAt: Millis;
  /** When a neighbour was last let go for others. */
  partedAt: Millis;
  /** Who was sent a block last. */
  servedLast: PeerId | undefined;
  /** Earliest time at which uploads can go on. */
  uploadAt: Millis;
};

export function createCore(limits: EngineLimits, now: Millis): Core {
  return {
    limits,
    now,
    out: [],
    startedAt: now,
    self: undefined,
    joinedAt: undefined,
    swarmSize: 1,
    tracker: "connecting",
    mode: "share",
    caution: { step: "none", until: Number.POSITIVE_INFINITY, neighbours: Number.POSITIVE_INFINITY },
    playhead: undefined,
    asked: undefined,
    told: undefined,
    playlists: new Map(),
    segments: new Map(),
    sizes: new Map(),
    vain: new Map(),
    open: new Set(),
    untold: new Set(),
    unpublished: new Set(),
    unvouched: new Set(),
    storedBytes: 0,
    disk: "none",
    neighbours: new Map(),
    shunned: new Map(),
    responseMs: undefined,
    transfers: new Map(),
    aborted: new Map(),
    nextFetch: 1,
    shortfall: 0,
    line: { peakBytesPerMs: undefined, mostBytesPerMs: 0, total: 0, bytes: 0, from: now, ghostsUntil: now },
    cdn: {
      firstByteMs: undefined,
      bytesPerMs: undefined,
      undisturbedBytesPerMs: undefined,
      sharedBytesPerMs: undefined,
      measuredAt: now,
      failedAt: Number.NEGATIVE_INFINITY,
      ranges: "unknown",
    },
    bucket: { bytesPerMs: 2500, level: 0, at: now },
    uplink: { bytesPerMs: undefined, drained: 0, busySince: now },
    ledger: createLedger(),
    announceAt: Number.POSITIVE_INFINITY,
    publishAt: Number.POSITIVE_INFINITY,
    neighboursAskedAt: Number.NEGATIVE_INFINITY,
    partedAt: Number.NEGATIVE_INFINITY,
    servedLast: undefined,
    uploadAt: Number.POSITIVE_INFINITY,
  };
}

/** Time of one segment of a rendition, in milliseconds; six seconds where no playlist was seen (the HLS default). */
export const segmentMs = (core: Core, rendition: RenditionId): Millis =>
  core.playlists.get(rendition)?.segmentMs ?? 6000;

/** Is it live, as far as is known? */
export const isLive = (core: Core, rendition: RenditionId): boolean => core.playlists.get(rendition)?.live === true;

/** Does this hold for one neighbour or more? */
export function anyNeighbour(core: Core, holds: (n: Neighbour) => boolean): boolean {
  for (const n of core.neighbours.values()) if (holds(n)) return true;
  return false;
}

/** Does the tracker take and answer questions? */
export const isServed = ({ tracker }: Core): boolean => tracker === "up" || tracker === "alone";

/** May this viewer give to others now? */
export const shares = (core: Core): boolean => core.mode === "share" && core.caution.step !== "off";

/** No neighbour is asked or served now: by the operator's or the viewer's wish, or by caution. */
export const isApart = (core: Core): boolean => core.mode === "off" || core.caution.step === "off";

/** Most neighbours that this viewer wishes to have now. */
export const mostNeighbours = ({ limits, caution }: Core): number => Math.min(limits.neighbours, caution.neighbours);
