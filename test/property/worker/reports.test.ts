import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NEARNESS } from "../../../tracker/protocol/index.ts";
import { CDN_REASONS } from "../../../worker/protocol/index.ts";
import {
  BUCKET_MS,
  binOf,
  bucketOf,
  type Cell,
  checkSample,
  count,
  countViewers,
  cover,
  emptyCell,
  figuresOf,
  gridOf,
  keyOf,
  merge,
  mergeViewers,
  type PlacedSample,
  QUANTILE_ERROR,
  quantiles,
  type Range,
  seriesOf,
  spansOf,
  Tally,
  updatesOf,
  VIEWER_MARKS,
  viewerMark,
  viewersOf,
  widthOf,
} from "../../../worker/reports/index.ts";
import { placedArb, sampleArb } from "./arbitraries.ts";

const KEY = new Uint8Array(32).fill(9);
const placedMany = fc.array(placedArb, { maxLength: 30 });

/** Everything that samples add up to, by cell. */
const addedUp = (...batches: (readonly PlacedSample[])[]): Record<string, object> => {
  const cells = new Map<string, { counts: Tally; viewers: Set<string> }>();
  for (const batch of batches) {
    for (const { name, counts, viewers } of updatesOf(batch, () => (value) => value)) {
      const cell = cells.get(keyOf(name)) ?? { counts: new Tally(), viewers: new Set<string>() };
      cells.set(keyOf(name), cell);
      cell.counts.addAll(counts);
      for (const viewer of viewers) cell.viewers.add(viewer);
    }
  }
  return Object.fromEntries(
    [...cells].map(([key, { counts, viewers }]) => [
      key,
      { counts: Object.fromEntries(counts), viewers: [...viewers].sort() },
    ]),
  );
};

/** The cells of one scope, as a store would give them. */
const cellsOf = (samples: readonly PlacedSample[], dimension: "all" | "stream", value: string) =>
  updatesOf(samples, () => (value) => value)
    .filter(({ name }) => name.dimension === dimension && name.value === value)
    .map(({ name, counts }) => ({ resolution: name.resolution, bucket: name.bucket, cell: cellWith(counts) }));

const cellWith = (counts: Tally): Cell => ({ counts, peak: counts.get("inMinute") });
const sum = (samples: readonly PlacedSample[], pick: (placed: PlacedSample) => number) =>
  samples.reduce((total, placed) => total + pick(placed), 0);

describe("cells", () => {
  it("do not depend on the order of samples, nor on how they are grouped", () => {
    const shuffled = placedMany.chain((samples) =>
      fc.tuple(fc.constant(samples), fc.shuffledSubarray(samples, { minLength: samples.length }), fc.nat({ max: 30 })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other, at]) => {
        expect(addedUp(other.slice(at), other.slice(0, at))).toEqual(addedUp(one));
      }),
      { numRuns: 60 },
    );
  });

  it("add up: each dimension's values to the total, streams to their site, minutes to hours to days", () => {
    fc.assert(
      fc.property(placedMany, (samples) => {
        const updates = updatesOf(samples, () => (value) => value);
        const total = (of: (update: (typeof updates)[number]) => boolean) =>
          updates.filter(of).reduce((all, { counts }) => all + counts.get("played"), 0);
        const played = sum(samples, ({ sample }) => sample.played);
        for (const resolution of ["minute", "hour", "day"] as const) {
          for (const dimension of ["all", "stream", "country", "device", "group"] as const) {
            expect(
              total(
                ({ name }) => name.stream === null && name.dimension === dimension && name.resolution === resolution,
              ),
            ).toBe(played);
          }
          expect(
            total(({ name }) => name.stream !== null && name.dimension === "country" && name.resolution === resolution),
          ).toBe(played);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("roll up: an hour made of its minutes, and a day of its hours, is what samples make directly", () => {
    const rolledUp = (samples: readonly PlacedSample[], from: "minute" | "hour", to: "hour" | "day") => {
      const rolled = new Map<number, Cell>();
      for (const { resolution, bucket, cell } of cellsOf(samples, "all", "")) {
        if (resolution !== from) continue;
        const wider = bucketOf(bucket * BUCKET_MS[from], to);
        rolled.set(wider, merge([rolled.get(wider) ?? emptyCell(), cell]));
      }
      return rolled;
    };
    fc.assert(
      fc.property(placedMany, (samples) => {
        for (const [from, to] of [
          ["minute", "hour"],
          ["hour", "day"],
        ] as const) {
          for (const { resolution, bucket, cell } of cellsOf(samples, "all", "")) {
            if (resolution !== to) continue;
            expect(Object.fromEntries(rolledUp(samples, from, to).get(bucket)?.counts ?? [])).toEqual(
              Object.fromEntries(cell.counts),
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("hold the sum of the deltas, and explain every byte of samples that pass the check", () => {
    fc.assert(
      fc.property(fc.array(sampleArb, { maxLength: 30 }), (all) => {
        expect(all.map(checkSample)).toEqual(all.map(() => null));
        const samples = all.map((sample) => ({ ...PLACE, sample }));
        const total = merge(
          cellsOf(samples, "all", "").flatMap(({ resolution, cell }) => (resolution === "day" ? [cell] : [])),
        );
        const { bytes, cdnReasons, nearness } = figuresOf(total);
        for (const source of ["cdn", "peer", "relay"] as const)
          expect(bytes[source]).toBe(sum(samples, ({ sample }) => sample.bytes[source]));
        for (const key of ["played", "uploaded", "wasted"] as const)
          expect(bytes[key]).toBe(sum(samples, ({ sample }) => sample[key]));
        for (const key of ["stalls", "stallMs", "watchMs"] as const)
          expect(count(total, key)).toBe(sum(samples, ({ sample }) => sample[key]));
        expect(CDN_REASONS.reduce((one, reason) => one + cdnReasons[reason], 0)).toBe(bytes.cdn);
        expect(NEARNESS.reduce((one, near) => one + nearness[near], 0)).toBe(bytes.peer);
      }),
    );
  });
});

const PLACE = {
  site: "site",
  at: Date.UTC(2026, 0, 31),
  country: "DE",
  network: "1",
  device: "tv",
  browser: "edge",
} as const;

describe("ranges", () => {
  const minute = BUCKET_MS.minute;
  const rangeArb = fc
    .tuple(
      fc.integer({ min: -200, max: 200 }),
      fc.integer({ min: 1, max: 4_000 }),
      fc.constantFrom("minute", "hour", "day"),
    )
    .map(([from, length, edge]): Range => {
      const width = BUCKET_MS[edge];
      const begin = Math.floor((Date.UTC(2026, 0, 31) + from * minute) / width) * width;
      return { from: begin, to: begin + Math.max(1, Math.ceil((length * minute) / width)) * width, edge };
    });

  it("are covered without gap or overlap, by nothing finer than their edge", () => {
    fc.assert(
      fc.property(rangeArb, ({ from, to, edge }) => {
        let at = from;
        for (const span of cover(from, to, edge)) {
          expect(span.from * BUCKET_MS[span.resolution]).toBe(at);
          expect(BUCKET_MS[span.resolution]).toBeGreaterThanOrEqual(BUCKET_MS[edge]);
          at = span.to * BUCKET_MS[span.resolution];
        }
        expect(at).toBe(to);
      }),
    );
  });

  it("have a series that agrees with the summary on every sum, in any time zone", () => {
    const zones = fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia");
    const widths = fc.constantFrom(undefined, "minute", "hour", "day");
    fc.assert(
      fc.property(placedMany, rangeArb, zones, widths, (samples, range, zone, asked) => {
        const cells = cellsOf(samples, "all", "");
        const read = (spans: ReturnType<typeof cover>) =>
          cells.filter(({ resolution, bucket }) =>
            spans.some((span) => span.resolution === resolution && bucket >= span.from && bucket < span.to),
          );
        const total = merge(read(cover(range.from, range.to, range.edge)).map(({ cell }) => cell));
        const grid = gridOf(range, widthOf(range, asked), zone);
        const { points } = seriesOf({ site: null, stream: null }, range, grid, read(spansOf(grid, range.edge)));
        for (const key of ["cdn", "peer", "relay", "played", "uploaded", "stalls"] as const) {
          expect(points.reduce((all, point) => all + point[key], 0)).toBe(count(total, key));
        }
        expect([...points].sort((a, b) => a.at - b.at)).toEqual(points);
      }),
      { numRuns: 60 },
    );
  });
});

describe("startup quantiles", () => {
  const times = fc.array(fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 5_000 }), fc.nat({ max: 600_000 })), {
    minLength: 1,
    maxLength: 200,
  });
  const histogram = (values: readonly number[]): Cell => {
    const cell = emptyCell();
    for (const ms of values) cell.counts.add(`startup.${binOf(ms)}`, 1);
    return cell;
  };

  it("are within their error of the exact nearest rank", () => {
    fc.assert(
      fc.property(times, fc.constantFrom(0.01, 0.5, 0.75, 0.95, 1), (values, q) => {
        const exact = [...values].sort((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? Number.NaN;
        const estimate = quantiles(histogram(values), "startup", [q])[0] ?? Number.NaN;
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(exact * QUANTILE_ERROR * (1 + 1e-9));
      }),
    );
  });

  it("are the same from merged parts", () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        const qs = [0.5, 0.75, 0.95] as const;
        const merged = merge([histogram(a), histogram(b)]);
        expect(quantiles(merged, "startup", qs)).toEqual(quantiles(histogram([...a, ...b]), "startup", qs));
      }),
    );
  });
});

describe("viewer counts", () => {
  const marks = Array.from({ length: 40_000 }, (_, number) => viewerMark(KEY, `session${number}`));
  const marked = (from: number, to: number) => viewersOf(marks.slice(from, to));

  it("are exact below their cap", () => {
    for (const count of [0, 1, VIEWER_MARKS - 1]) expect(countViewers(marked(0, count))).toBe(count);
  });

  it("stay within four standard errors and within their memory above it", () => {
    for (const count of [VIEWER_MARKS, VIEWER_MARKS + 1, 5_000, 40_000]) {
      const viewers = marked(0, count);
      expect(viewers).toHaveLength(VIEWER_MARKS);
      expect(Math.abs(countViewers(viewers) / count - 1)).toBeLessThan(4 / Math.sqrt(VIEWER_MARKS - 2));
    }
  });

  it("merge to what one set would have said, overlapping or not", () => {
    const bounds = fc.tuple(fc.nat({ max: 3_000 }), fc.nat({ max: 3_000 }), fc.nat({ max: 3_000 }));
    fc.assert(
      fc.property(bounds, (cuts) => {
        const [a = 0, b = 0, c = 0] = [...cuts].sort((x, y) => x - y);
        expect(mergeViewers(marked(0, b), marked(a, c))).toEqual(marked(0, c));
      }),
      { numRuns: 15 },
    );
  });
});
