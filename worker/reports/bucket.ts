import type { CdnReason, Sample, Source } from "../protocol/index.ts";
import { addStartup, addStartups, type Startup } from "./startup.ts";
import { addViewer, mergeViewers, NO_VIEWERS, type Viewers } from "./viewers.ts";

/** What happened in one span of time on one stream, or on all. Byte sums are integers, times are milliseconds. */
export type Bucket = {
  readonly bytes: Record<Source, number>;
  readonly cdnReasons: Record<CdnReason, number>;
  played: number;
  uploaded: number;
  wasted: number;
  stalls: number;
  stallMs: number;
  watchMs: number;
  readonly startup: Startup;
  viewers: Viewers;
};

export const emptyBucket = (): Bucket => ({
  bytes: { cdn: 0, peer: 0, relay: 0 },
  cdnReasons: { start: 0, duty: 0, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 },
  played: 0,
  uploaded: 0,
  wasted: 0,
  stalls: 0,
  stallMs: 0,
  watchMs: 0,
  startup: new Map(),
  viewers: NO_VIEWERS,
});

const TOTALS = ["played", "uploaded", "wasted", "stalls", "stallMs", "watchMs"] as const;

/** What a sample and a bucket have in common. */
type Totals = Pick<Bucket, "bytes" | "cdnReasons" | (typeof TOTALS)[number]>;

const addTo = <K extends string>(into: Record<K, number>, from: Readonly<Record<K, number>>): void => {
  for (const key in into) into[key] += from[key];
};

const addTotals = (into: Bucket, from: Totals): void => {
  addTo(into.bytes, from.bytes);
  addTo(into.cdnReasons, from.cdnReasons);
  for (const key of TOTALS) into[key] += from[key];
};

/** Adds one sample to `bucket`; `mark` is its session's, from `viewerMark`. The order of samples does not matter. */
export const fold = (bucket: Bucket, sample: Sample, mark: number): void => {
  addTotals(bucket, sample);
  if (sample.startupMs !== undefined) addStartup(bucket.startup, sample.startupMs);
  bucket.viewers = addViewer(bucket.viewers, mark);
};

/** One bucket that says what all of `buckets` say together. None of them is changed. */
export const merge = (buckets: Iterable<Bucket>): Bucket => {
  const merged = emptyBucket();
  for (const bucket of buckets) {
    addTotals(merged, bucket);
    addStartups(merged.startup, bucket.startup);
    merged.viewers = mergeViewers(merged.viewers, bucket.viewers);
  }
  return merged;
};
