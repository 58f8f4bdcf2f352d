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
 * How far a viewer's clock may lag the tracker's, in milliseconds. A sample cannot honestly be older: it is sent
 * within seconds.
 */
export const CLOCK_LAG_MS = 10 * MINUTE_MS;

/**
 * Time that a sample counts for. The viewer's clock says when within what is plausible, `[receivedAt - 10 min, receivedAt]`; a
 * clock that is off by a day lands on the edge of that. A span across a boundary counts for its end.
 */
export const sampleTime = (at: number, receivedAt: number): number =>
  Math.min(Math.max(at, receivedAt - CLOCK_LAG_MS), receivedAt);
