import type { Nearness } from "../../tracker/protocol/index.ts";
import type { CdnReason, Group } from "./sample.ts";

/** Times below which half, three quarters and 95 % of what was measured lie, in milliseconds, each within 2.5 %. */
export type Quantiles = { readonly p50: number; readonly p75: number; readonly p95: number };

/** How far offload is from what no mesh can beat, and what the difference was spent on. */
export type Gap = {
  /** `min(1 - 1/N, uplink/bitrate)`, or what was reached if that is more, of the bytes played; null when nothing was played. */
  readonly bound: number | null;
  /** What sets the bound: how many viewers there were, or what they may upload; null when nothing could be shared. */
  readonly limit: "viewers" | "uplink" | null;
  /** Bytes from CDN and TURN beyond the least possible; the sum of `spent`. */
  readonly bytes: number;
  readonly spent: Readonly<Record<CdnReason | "relay", number>>;
};

/** What every report says of whatever it is about. Bytes are integers, times are milliseconds. */
export type Figures = {
  readonly bytes: {
    readonly cdn: number;
    readonly peer: number;
    readonly relay: number;
    readonly uploaded: number;
    readonly played: number;
    readonly wasted: number;
    /** The mesh's own protocol, both ways. */
    readonly overhead: number;
  };
  readonly cdnReasons: Readonly<Record<CdnReason, number>>;
  /** `bytes.peer` by how near the neighbours were. */
  readonly nearness: Readonly<Record<Nearness, number>>;
  /** `(played - cdn - relay) / played`; below zero when the CDN sent more than was played, null when nothing was played. */
  readonly offload: number | null;
  readonly gap: Gap;
  readonly quality: {
    /** Median time to the first frame; null when no session started in the range. */
    readonly startupMs: number | null;
    readonly startup: Quantiles | null;
    readonly stalls: number;
    readonly stallMs: number;
    /** Length of the stalls that ended in the range. */
    readonly stall: Quantiles | null;
    /** Share of the time in which the picture should have moved and did not; null when nothing was watched. */
    readonly stallRatio: number | null;
    readonly watchMs: number;
    /** Mean bitrate of what was watched; null when it is not known. */
    readonly bitsPerSecond: number | null;
    /** Errors after which hls.js did not go on by itself. */
    readonly errors: number;
    /** Time of viewers who had backed off because neighbours disturbed playback: to fewer neighbours, and out of the mesh. */
    readonly waryMs: number;
    readonly offMs: number;
  };
};

/** Bytes that one side of the links tells, and the other. */
export type Accounts = {
  /** Downloaders say they got so much from peers that they name. */
  readonly claimed: number;
  /** Peers say they gave so much. */
  readonly given: number;
  /** What the two sides of links tell differently, at least; what was under way at the ends of the range is part of it. */
  readonly disputed: number;
};

/** Where a range begins and ends, ISO 8601; `to` is exclusive. Both are rounded outwards to what is kept of that time. */
export type Covered = { readonly from: string; readonly to: string };

/** Answer of `GET /api/v1/reports/summary`. */
export type Summary = Covered &
  Figures & {
    readonly site: string | null;
    readonly stream: string | null;
    readonly viewers: {
      /** Different viewers in the range: one for all windows and visits of a browser. */
      readonly unique: number;
      /** Most that played in any one minute of it. A viewer who opens two streams, or two windows, plays twice. */
      readonly peak: number;
      /** Who played in the last minute or the one before it, whatever the range; counted as `peak` is. */
      readonly now: number;
    };
    readonly accounts: Accounts;
    readonly money: Money | null;
  };

/** What peer delivery saved; null where the operator told no price. */
export type Money = {
  /** As the operator writes it, such as `EUR`. */
  readonly currency: string;
  /** What the bytes played would have cost from the CDN alone. */
  readonly without: number;
  /** What the CDN's bytes cost. */
  readonly cdn: number;
  /** What the bytes through TURN cost. */
  readonly turn: number;
  /** `without - cdn - turn`; below zero when it cost more. */
  readonly saved: number;
};

/** Answer of `GET /api/v1/reports/series`: one point a bucket, oldest first, empty buckets included. */
export type Series = Covered & {
  readonly site: string | null;
  readonly stream: string | null;
  /** Width of a bucket; a day may be an hour shorter or longer where clocks change. */
  readonly bucketMs: number;
  /** IANA name of the zone in which days begin. */
  readonly timeZone: string;
  readonly points: readonly SeriesPoint[];
};
export type SeriesPoint = {
  /** Start of the bucket, milliseconds since 1970. */
  readonly at: number;
  readonly cdn: number;
  readonly peer: number;
  readonly relay: number;
  readonly uploaded: number;
  readonly played: number;
  /** Most viewers in any one minute. */
  readonly viewers: number;
  readonly offload: number | null;
  readonly bound: number | null;
  readonly spent: Gap["spent"];
  readonly stalls: number;
  readonly stallMs: number;
  readonly watchMs: number;
};

/** Answer of `GET /api/v1/reports/breakdown`: one row for each value, the most played first. */
export type Breakdown = Covered & {
  readonly site: string | null;
  readonly stream: string | null;
  readonly by: BreakdownDimension;
  readonly rows: readonly BreakdownRow[];
};
export type BreakdownRow = Figures & {
  readonly value: string;
  /** Sessions that were there at any time in the range. */
  readonly sessions: number;
  /** Most viewers in any one minute. */
  readonly peak: number;
  /** Of streams only: elsewhere the two sides of a link are in different rows. */
  readonly accounts: Accounts | null;
};

/** What a report can be broken down by. */
export const BREAKDOWN_DIMENSIONS = [
  "stream",
  "site",
  "country",
  "network",
  "device",
  "browser",
  "player",
  "rendition",
  "group",
] as const;
export type BreakdownDimension = (typeof BREAKDOWN_DIMENSIONS)[number];

/** Answer of `GET /api/v1/reports/streams`: what the page's stream filter offers. */
export type StreamList = { readonly streams: readonly { readonly stream: string; readonly played: number }[] };

/** Answer of `GET /api/v1/reports/sessions`: page views of one stream of the last two days, the newest first. */
export type SessionList = Covered & {
  readonly site: string | null;
  readonly stream: string;
  readonly sessions: readonly SessionRow[];
};
export type SessionRow = {
  readonly session: string;
  readonly group: Group;
  readonly country: string;
  readonly network: string;
  readonly device: string;
  readonly browser: string;
  readonly player: string;
  /** ISO 8601; null when its first sample was lost. */
  readonly beganAt: string | null;
  /** Time that its samples cover. */
  readonly lastedMs: number;
  readonly cdn: number;
  readonly peer: number;
  readonly relay: number;
  readonly uploaded: number;
  readonly played: number;
  readonly startupMs: number | null;
  readonly stalls: number;
  readonly stallMs: number;
  readonly watchMs: number;
  readonly bitsPerSecond: number | null;
  readonly errors: number;
};

/** One figure of both groups. `interval` holds the true difference with 95 % confidence. */
export type Comparison =
  | {
      readonly kind: "compared";
      readonly p2p: number;
      readonly holdout: number;
      /** `p2p - holdout`. */
      readonly difference: number;
      readonly interval: { readonly from: number; readonly to: number };
      /** What the interval allows to say: it lies on one side of zero, or not. */
      readonly verdict: "better" | "worse" | "no difference seen";
    }
  /** Fewer sessions than that, or too few spread over too few parts, to say anything. */
  | {
      readonly kind: "tooSmall";
      readonly p2p: number | null;
      readonly holdout: number | null;
      readonly needed: number;
    };

/** Answer of `GET /api/v1/reports/holdout`: what peer delivery did to quality, against viewers who played without. */
export type Holdout = Covered & {
  readonly site: string | null;
  readonly stream: string | null;
  readonly sessions: { readonly p2p: number; readonly holdout: number };
  /** Mean time to the first frame, in milliseconds. */
  readonly startupMs: Comparison;
  /** Share of the time in which the picture should have moved and did not. */
  readonly stallRatio: Comparison;
  /** Mean bitrate of what was watched, in bits per second. */
  readonly bitsPerSecond: Comparison;
};
