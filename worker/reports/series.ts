import type { Series, SeriesPoint } from "../protocol/index.ts";
import { BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS, type Resolution, type Span } from "./bucket.ts";
import { type Cell, type Counter, count, emptyCell, merge } from "./cell.ts";
import { cover, join } from "./cover.ts";
import { offloadOf } from "./figures.ts";
import { gapOf } from "./gap.ts";
import type { Range } from "./range.ts";
import { covered, type Subject } from "./summary.ts";
import { midnightsOf } from "./time-zone.ts";

/** Points that a series has about, unless its width is asked for. */
const USUAL_POINTS = 180;
/** Points of a series, at most. */
export const MAX_POINTS = 1_500;

const WIDTHS = [1, 2, 5, 10, 20, 30, 60, 120, 240, 360].map((minutes) => minutes * MINUTE_MS);

/** Where the points of a series begin. `at` is where its bucket begins, `from` and `to` what of it is in the range. */
export type Grid = {
  readonly bucketMs: number;
  readonly timeZone: string;
  readonly buckets: readonly { readonly at: number; readonly from: number; readonly to: number }[];
};

/** Width of a series' buckets in milliseconds: what was asked for, else the narrowest round one that keeps to `USUAL_POINTS`. */
export const widthOf = (range: Range, asked: Resolution | undefined): number => {
  const least = BUCKET_MS[range.edge];
  if (asked !== undefined) return Math.max(BUCKET_MS[asked], least);
  const length = range.to - range.from;
  const narrow = WIDTHS.find((width) => width >= least && length / width <= USUAL_POINTS);
  return narrow ?? Math.max(DAY_MS, Math.ceil(length / USUAL_POINTS / DAY_MS) * DAY_MS);
};

/**
 * Cuts a range into buckets. They begin at multiples of their width, so that a range that moves on keeps its points; days begin at the
 * zone's midnight, on the hour before it where the zone's hours are not whole ones, and in UTC where only UTC days are kept.
 */
export const gridOf = (range: Range, width: number, timeZone: string): Grid => {
  const daily = width % DAY_MS === 0 && range.edge !== "day";
  const borders = daily ? localBorders(range, width / DAY_MS, timeZone) : plainBorders(range, width);
  const buckets = borders.slice(0, -1).map((at, index) => {
    const end = borders[index + 1] ?? range.to;
    return { at, from: Math.max(at, range.from), to: Math.min(end, range.to) };
  });
  return { bucketMs: width, timeZone: daily ? timeZone : "UTC", buckets: buckets.filter(({ from, to }) => from < to) };
};

const plainBorders = ({ from, to }: Range, width: number): number[] => {
  const first = Math.floor(from / width);
  return Array.from({ length: Math.ceil(to / width) - first + 1 }, (_, index) => (first + index) * width);
};

const localBorders = ({ from, to, edge }: Range, days: number, timeZone: string): number[] => {
  const { dayOf, beginOf } = midnightsOf(timeZone);
  const unit = Math.min(BUCKET_MS[edge], HOUR_MS);
  const borders: number[] = [];
  for (
    let day = Math.floor(dayOf(from) / days) * days;
    borders.length === 0 || (borders.at(-1) ?? 0) < to;
    day += days
  ) {
    borders.push(Math.floor(beginOf(day) / unit) * unit);
  }
  return borders;
};

/** What is to be read for a grid. */
export const spansOf = ({ buckets }: Grid, edge: Resolution): readonly Span[] =>
  join(buckets.flatMap(({ from, to }) => cover(from, to, edge)));

/** What of a cell a series needs. */
export const SERIES_COUNTERS: readonly Counter[] = [
  "cdn",
  "peer",
  "relay",
  "uploaded",
  "played",
  "sharable",
  "uplink",
  "cdn.start",
  "cdn.duty",
  "cdn.noPeer",
  "cdn.tooLate",
  "cdn.failedCheck",
  "cdn.policy",
  "cdn.p2pOff",
  "stalls",
  "stallMs",
  "watchMs",
];

/** The course of a range: a point for each bucket, empty or not. The points add up to the summary of the range. */
export const seriesOf = (
  subject: Subject,
  range: Range,
  grid: Grid,
  cells: Iterable<{ readonly resolution: Resolution; readonly bucket: number; readonly cell: Cell }>,
): Series => {
  const inBucket: Cell[][] = grid.buckets.map(() => []);
  for (const { resolution, bucket, cell } of cells) {
    inBucket[placeOf(grid, bucket * BUCKET_MS[resolution])]?.push(cell);
  }
  const points = grid.buckets.map(({ at }, index) => pointOf(at, merge(inBucket[index] ?? [emptyCell()])));
  return { ...subject, ...covered(range), bucketMs: grid.bucketMs, timeZone: grid.timeZone, points };
};

/** The bucket that a time is in, found by halving. */
const placeOf = ({ buckets }: Grid, at: number): number => {
  let low = 0;
  let high = buckets.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((buckets[middle]?.from ?? 0) <= at) low = middle;
    else high = middle;
  }
  return low;
};

const pointOf = (at: number, cell: Cell): SeriesPoint => {
  const { bound, spent } = gapOf(cell);
  return {
    at,
    cdn: count(cell, "cdn"),
    peer: count(cell, "peer"),
    relay: count(cell, "relay"),
    uploaded: count(cell, "uploaded"),
    played: count(cell, "played"),
    viewers: cell.peak,
    offload: offloadOf(cell),
    bound,
    spent,
    stalls: count(cell, "stalls"),
    stallMs: count(cell, "stallMs"),
    watchMs: count(cell, "watchMs"),
  };
};
