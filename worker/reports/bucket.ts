/** Widths of the buckets that samples are summed up in. */
export const RESOLUTIONS = ["minute", "hour", "day"] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Width of a bucket, in milliseconds. Days are UTC days. */
export const BUCKET_MS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS } as const satisfies Record<
  Resolution,
  number
>;

/** How long a bucket is kept, in milliseconds: two days of minutes, ninety days of hours, two years of days. */
export const RETENTION_MS = {
  minute: 2 * DAY_MS,
  hour: 90 * DAY_MS,
  day: 730 * DAY_MS,
} as const satisfies Record<Resolution, number>;

/** Number of the bucket that a point in time (milliseconds since 1970) falls into, counted from 1970. */
export const bucketOf = (at: number, resolution: Resolution): number => Math.floor(at / BUCKET_MS[resolution]);

/** Buckets of one width that follow each other; `to` is exclusive. */
export type Span = { readonly resolution: Resolution; readonly from: number; readonly to: number };

/**
 * How far before its receipt a sample may count, in milliseconds. It is sent within seconds, or, when the tracker or its queue were
 * away, as soon as they are back.
 */
export const CLOCK_LAG_MS = 10 * MINUTE_MS;

/** No page keeps a sample for so long, in milliseconds: who says so has a wrong clock. */
const WRONG_CLOCK_MS = 2 * HOUR_MS;

/**
 * Time that a sample counts for. The viewer's clock says when within what is plausible, `[receivedAt - 10 min, receivedAt]`. One that is
 * ahead, or behind by more than a sample can have waited, as when it is off by a day, says nothing, and the sample counts when it was
 * received. A span across a boundary counts for its end.
 */
export const sampleTime = (at: number, receivedAt: number): number =>
  at > receivedAt || at < receivedAt - WRONG_CLOCK_MS ? receivedAt : Math.max(at, receivedAt - CLOCK_LAG_MS);
