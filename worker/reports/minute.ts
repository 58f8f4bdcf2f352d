/** Width of the finest bucket, in milliseconds. */
export const MINUTE_MS = 60_000;

/**
 * How far a viewer's clock may lag the tracker's, in milliseconds. A sample cannot honestly be older: it is sent
 * within seconds.
 */
export const CLOCK_LAG_MS = 10 * MINUTE_MS;

/** Whole minutes since 1970. */
export type Minute = number;

/** Minute that a point in time (milliseconds since 1970) falls into. */
export const minuteOf = (at: number): Minute => Math.floor(at / MINUTE_MS);

/**
 * Minute that a sample counts for. The viewer's clock says when within what is plausible, `[receivedAt - 10 min,
 * receivedAt]`; a clock that is off by a day lands on the edge of that. A span across a boundary counts for its end.
 */
export const sampleMinute = (at: number, receivedAt: number): Minute =>
  minuteOf(Math.min(Math.max(at, receivedAt - CLOCK_LAG_MS), receivedAt));
