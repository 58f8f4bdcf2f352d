import type { Sample } from "../protocol/index.ts";
import { type Bucket, emptyBucket, fold, type Minute, type MinuteRange } from "../reports/index.ts";

/** The minutes of one stream, and what they hold in all. */
export type Timeline = { readonly minutes: Map<Minute, Bucket>; played: number };

export const emptyTimeline = (): Timeline => ({ minutes: new Map(), played: 0 });

/** Counts a sample in its minute. */
export const addSample = (timeline: Timeline, minute: Minute, sample: Sample, mark: number): void => {
  const bucket = timeline.minutes.get(minute) ?? emptyBucket();
  timeline.minutes.set(minute, bucket);
  fold(bucket, sample, mark);
  timeline.played += sample.played;
};

/** Drops the minutes before `oldest`. */
export const dropBefore = (timeline: Timeline, oldest: Minute): void => {
  for (const [minute, bucket] of timeline.minutes) {
    if (minute >= oldest) continue;
    timeline.minutes.delete(minute);
    timeline.played -= bucket.played;
  }
};

/** The buckets of a range with their minutes. */
export function* within(timeline: Timeline, range: MinuteRange): Generator<[Minute, Bucket]> {
  if (range.to - range.from > timeline.minutes.size) {
    for (const entry of timeline.minutes) if (entry[0] >= range.from && entry[0] < range.to) yield entry;
    return;
  }
  for (let minute = range.from; minute < range.to; minute += 1) {
    const bucket = timeline.minutes.get(minute);
    if (bucket !== undefined) yield [minute, bucket];
  }
}
