import type { Series, SeriesPoint, Summary } from "../protocol/index.ts";
import { type Bucket, merge } from "./bucket.ts";
import { MINUTE_MS, type Minute } from "./minute.ts";
import type { MinuteRange } from "./range.ts";
import { startupQuantile } from "./startup.ts";
import { countViewers } from "./viewers.ts";

/** The minutes of a range that have anything in them, each at most once, in any order. */
export type Minutes = ReadonlyMap<Minute, Bucket>;

/** Share of the bytes played that neither CDN nor TURN had to deliver; null when nothing was played. */
const offloadOf = ({ played, bytes }: Bucket): number | null =>
  played === 0 ? null : (played - bytes.cdn - bytes.relay) / played;

const isoMinute = (minute: Minute): string => new Date(minute * MINUTE_MS).toISOString();

/** Sums up the minutes of a range. `stream` is only repeated in the answer. */
export const summarise = (stream: string | null, range: MinuteRange, minutes: Minutes): Summary => {
  const total = merge(minutes.values());
  const startup = startupQuantile(total.startup, 0.5);
  return {
    stream,
    from: isoMinute(range.from),
    to: isoMinute(range.to),
    bytes: { ...total.bytes, uploaded: total.uploaded, played: total.played, wasted: total.wasted },
    cdnReasons: total.cdnReasons,
    offload: offloadOf(total),
    viewers: { unique: countViewers(total.viewers), peak: peakOf(minutes.values()) },
    quality: {
      stalls: total.stalls,
      stallMs: total.stallMs,
      startupMs: startup === null ? null : Math.round(startup),
      watchMs: total.watchMs,
    },
  };
};

/** Most viewers that any one minute saw. */
const peakOf = (buckets: Iterable<Bucket>): number => {
  let peak = 0;
  for (const { viewers } of buckets) peak = Math.max(peak, countViewers(viewers));
  return peak;
};

/** Points in a series, at most (two more where the range cuts its first and last bucket). */
export const MAX_POINTS = 180;
const WIDTHS = [1, 2, 5, 10, 20, 30, 60, 120, 240, 360] as const;
const DAY = 1440;

/** Minutes in one bucket of a series over `minutes`: the narrowest round width that keeps to `MAX_POINTS`. */
export const bucketWidth = (minutes: number): number =>
  WIDTHS.find((width) => minutes / width <= MAX_POINTS) ?? Math.ceil(minutes / MAX_POINTS / DAY) * DAY;

/**
 * The course of a range. Buckets start at multiples of their width, so that a range that moves on keeps its points;
 * minutes outside the range are never counted, so that the points add up to the summary. `viewers` is the most in any
 * minute of the bucket.
 */
export const seriesOf = (stream: string | null, range: MinuteRange, minutes: Minutes): Series => {
  const width = bucketWidth(range.to - range.from);
  const points: SeriesPoint[] = [];
  for (let start = Math.floor(range.from / width) * width; start < range.to; start += width) {
    const from = Math.max(start, range.from);
    points.push(pointOf(start, bucketsOf(minutes, from, Math.min(start + width, range.to))));
  }
  return { stream, bucketMs: width * MINUTE_MS, points };
};

const bucketsOf = (minutes: Minutes, from: Minute, to: Minute): Bucket[] => {
  const found: Bucket[] = [];
  for (let minute = from; minute < to; minute += 1) {
    const bucket = minutes.get(minute);
    if (bucket !== undefined) found.push(bucket);
  }
  return found;
};

const pointOf = (start: Minute, buckets: readonly Bucket[]): SeriesPoint => {
  const sum = { cdn: 0, peer: 0, relay: 0, played: 0 };
  for (const { bytes, played } of buckets) {
    sum.cdn += bytes.cdn;
    sum.peer += bytes.peer;
    sum.relay += bytes.relay;
    sum.played += played;
  }
  return { at: start * MINUTE_MS, ...sum, viewers: peakOf(buckets) };
};
