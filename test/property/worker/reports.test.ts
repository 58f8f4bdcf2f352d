import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CDN_REASONS, type Sample } from "../../../worker/protocol/index.ts";
import {
  addStartup,
  addStartups,
  addViewer,
  type Bucket,
  checkSample,
  countViewers,
  emptyBucket,
  fold,
  merge,
  mergeViewers,
  NO_VIEWERS,
  STARTUP_ERROR,
  type Startup,
  seriesOf,
  startupQuantile,
  summarise,
  VIEWER_MARKS,
  viewerMark,
} from "../../../worker/reports/index.ts";
import { sampleArb } from "./arbitraries.ts";

const KEY = new Uint8Array(32).fill(9);
const bucketOf = (samples: readonly Sample[]): Bucket => {
  const bucket = emptyBucket();
  for (const sample of samples) fold(bucket, sample, viewerMark(KEY, sample.session));
  return bucket;
};
const sum = (samples: readonly Sample[], pick: (sample: Sample) => number) =>
  samples.reduce((total, sample) => total + pick(sample), 0);
const samplesArb = fc.array(sampleArb, { maxLength: 40 });

describe("buckets", () => {
  it("do not depend on the order of samples", () => {
    const shuffled = samplesArb.chain((samples) =>
      fc.tuple(fc.constant(samples), fc.shuffledSubarray(samples, { minLength: samples.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        expect(bucketOf(one)).toEqual(bucketOf(other));
      }),
    );
  });

  it("merge like their samples, however they are grouped, and leave their parts alone", () => {
    fc.assert(
      fc.property(samplesArb, samplesArb, samplesArb, (a, b, c) => {
        const whole = bucketOf([...a, ...b, ...c]);
        const [x, y, z] = [bucketOf(a), bucketOf(b), bucketOf(c)];
        expect(merge([merge([x, y]), z])).toEqual(whole);
        expect(merge([x, merge([y, z])])).toEqual(whole);
        expect(merge([z, x, y])).toEqual(whole);
        expect(x).toEqual(bucketOf(a));
      }),
    );
  });

  it("hold the sum of the deltas", () => {
    fc.assert(
      fc.property(samplesArb, (samples) => {
        const bucket = bucketOf(samples);
        for (const source of ["cdn", "peer", "relay"] as const) {
          expect(bucket.bytes[source]).toBe(sum(samples, (sample) => sample.bytes[source]));
        }
        for (const key of ["played", "uploaded", "wasted", "stalls", "stallMs", "watchMs"] as const) {
          expect(bucket[key]).toBe(sum(samples, (sample) => sample[key]));
        }
        expect(countViewers(bucket.viewers)).toBe(new Set(samples.map(({ session }) => session)).size);
      }),
    );
  });

  it("explain every CDN byte of samples that pass the check", () => {
    fc.assert(
      fc.property(samplesArb, (samples) => {
        expect(samples.map(checkSample)).toEqual(samples.map(() => null));
        const { bytes, cdnReasons } = bucketOf(samples);
        expect(CDN_REASONS.reduce((total, reason) => total + cdnReasons[reason], 0)).toBe(bytes.cdn);
      }),
    );
  });
});

describe("series and summary", () => {
  it("agree on every sum, whatever the range", () => {
    const placed = fc.array(fc.tuple(fc.nat({ max: 3_000 }), sampleArb), { maxLength: 60 });
    fc.assert(
      fc.property(placed, fc.nat({ max: 1_500 }), fc.integer({ min: 1, max: 1_500 }), (all, from, length) => {
        const range = { from, to: from + length };
        const minutes = new Map<number, Bucket>();
        for (const [minute, sample] of all.filter(([at]) => at >= range.from && at < range.to)) {
          minutes.set(minute, merge([minutes.get(minute) ?? emptyBucket(), bucketOf([sample])]));
        }
        const { bytes, viewers } = summarise(null, range, minutes);
        const { points, bucketMs } = seriesOf(null, range, minutes);
        for (const key of ["cdn", "peer", "relay", "played"] as const) {
          expect(points.reduce((total, point) => total + point[key], 0)).toBe(bytes[key]);
        }
        expect(Math.max(...points.map((point) => point.viewers))).toBe(viewers.peak);
        expect(points.every(({ at }, index) => at === (points[0]?.at ?? 0) + index * bucketMs)).toBe(true);
      }),
    );
  });
});

describe("startup quantiles", () => {
  const times = fc.array(fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 5_000 }), fc.nat({ max: 600_000 })), {
    minLength: 1,
    maxLength: 200,
  });
  const histogram = (values: readonly number[]): Startup => {
    const startup: Startup = new Map();
    for (const ms of values) addStartup(startup, ms);
    return startup;
  };

  it("are within their error of the exact nearest rank", () => {
    fc.assert(
      fc.property(times, fc.constantFrom(0.01, 0.5, 0.75, 0.95, 1), (values, q) => {
        const exact = [...values].sort((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? Number.NaN;
        const estimate = startupQuantile(histogram(values), q) ?? Number.NaN;
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(exact * STARTUP_ERROR * (1 + 1e-9));
      }),
    );
  });

  it("are the same from merged parts", () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        const merged = histogram(a);
        addStartups(merged, histogram(b));
        expect(startupQuantile(merged, 0.5)).toBe(startupQuantile(histogram([...a, ...b]), 0.5));
      }),
    );
  });
});

describe("viewer counts", () => {
  const marks = Array.from({ length: 40_000 }, (_, number) => viewerMark(KEY, `session${number}`));
  const viewersOf = (from: number, to: number) => marks.slice(from, to).reduce(addViewer, NO_VIEWERS);

  it("are exact below their cap", () => {
    for (const count of [0, 1, VIEWER_MARKS - 1]) expect(countViewers(viewersOf(0, count))).toBe(count);
  });

  it("stay within four standard errors and within their memory above it", () => {
    for (const count of [VIEWER_MARKS, VIEWER_MARKS + 1, 5_000, 40_000]) {
      const viewers = viewersOf(0, count);
      expect(viewers).toHaveLength(VIEWER_MARKS);
      expect(Math.abs(countViewers(viewers) / count - 1)).toBeLessThan(4 / Math.sqrt(VIEWER_MARKS - 2));
    }
  });

  it("merge to what one set would have said, overlapping or not", () => {
    const bounds = fc.tuple(fc.nat({ max: 3_000 }), fc.nat({ max: 3_000 }), fc.nat({ max: 3_000 }));
    fc.assert(
      fc.property(bounds, (cuts) => {
        const [a = 0, b = 0, c = 0] = [...cuts].sort((x, y) => x - y);
        expect(mergeViewers(viewersOf(0, b), viewersOf(a, c))).toEqual(viewersOf(0, c));
      }),
      { numRuns: 15 },
    );
  });
});
