import type { CdnReason } from "./sample.ts";

/** Answer of `GET /api/v1/reports/summary`. Bytes are integers; `offload` is a fraction of the bytes played. */
export type Summary = {
  readonly stream: string | null;
  /** Range covered, ISO 8601, whole minutes; `to` is exclusive. */
  readonly from: string;
  readonly to: string;
  readonly bytes: {
    readonly cdn: number;
    readonly peer: number;
    readonly relay: number;
    readonly uploaded: number;
    readonly played: number;
    readonly wasted: number;
  };
  readonly cdnReasons: Readonly<Record<CdnReason, number>>;
  /** `(played - cdn - relay) / played`; below zero when the CDN sent more than was played, null when nothing was played. */
  readonly offload: number | null;
  readonly viewers: { readonly unique: number; readonly peak: number };
  readonly quality: {
    readonly stalls: number;
    readonly stallMs: number;
    /** Median time to the first frame in milliseconds; null when no session started in the range. */
    readonly startupMs: number | null;
    readonly watchMs: number;
  };
};

/** Answer of `GET /api/v1/reports/series`: one point a bucket, oldest first, empty buckets included. */
export type Series = {
  readonly stream: string | null;
  readonly bucketMs: number;
  readonly points: readonly SeriesPoint[];
};
export type SeriesPoint = {
  /** Start of the bucket, milliseconds since 1970. */
  readonly at: number;
  readonly cdn: number;
  readonly peer: number;
  readonly relay: number;
  readonly played: number;
  readonly viewers: number;
};

/** Answer of `GET /api/v1/reports/streams`: what the page's stream filter offers. */
export type StreamList = { readonly streams: readonly { readonly stream: string; readonly played: number }[] };
