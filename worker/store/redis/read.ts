import {
  BUCKET_MS,
  bucketOf,
  type Cell,
  merge,
  type Resolution,
  specOf,
  type Span as TimeSpan,
} from "../../reports/index.ts";
import type { Look, PlacedCell } from "../port.ts";
import type { Connection } from "./connection.ts";
import { type Keys, spanOf } from "./keys.ts";
import { type Cells, finestOf, type Range, rangeOf, rowIn } from "./rows.ts";
import { createSettled, SETTLED_MS } from "./settled.ts";
import { createStored } from "./stored.ts";

/** Hours that may still be open, counted back from the newest that is asked for: their minutes are kept for two days. */
const OPEN_HOURS = 72;

/** The width that a coarser bucket is made of. */
export const FINER = { hour: "minute", day: "hour" } as const;
const perBucket = (resolution: "hour" | "day"): number => BUCKET_MS[resolution] / BUCKET_MS[FINER[resolution]];

export const finer = (resolution: "hour" | "day", { from, to }: Range): Range => ({
  from: from * perBucket(resolution),
  to: to * perBucket(resolution),
});

/** `clock`: milliseconds since 1970. */
export function createReader(keys: Keys, connection: Connection, clock: () => number) {
  const command = (key: string, ...args: readonly string[]): Promise<unknown> =>
    connection.send(key, [args[0] ?? "", key, ...args.slice(1)]);

  /** Those of the buckets whose cells do not say yet what their finer ones do. */
  const openIn = async (
    site: string,
    stream: string | null,
    resolution: "hour" | "day",
    { from, to }: Range,
  ): Promise<number[]> => {
    const buckets = rangeOf(from, to);
    if (buckets.length === 0) return [];
    const fields = buckets.map((bucket) => spanOf({ bucket, stream }));
    const versions = await command(keys.open(site, resolution), "HMGET", ...fields);
    return Array.isArray(versions) ? buckets.filter((_, index) => versions[index] !== null) : [];
  };

  const stored = createStored(keys, connection);
  const settled = createSettled(clock);

  /** What is true now: where a span is open, its finer cells are summed up instead. */
  const current = async (site: string, look: Look, resolution: Resolution, range: Range): Promise<Cells> => {
    if (resolution === "minute" || resolution === finestOf(look.dimension))
      return stored(site, look, resolution, range);
    // Of one value there is little to read.
    const written = look.value === undefined ? readOrRecall : storedAndOpen;
    const { cells, open } = await written(site, look, resolution, range);
    for (const run of runsOf(open)) {
      const fine = await current(site, look, FINER[resolution], finer(resolution, run));
      addTo(cells, coarser(resolution, fine));
    }
    return cells;
  };

  const storedAndOpen = async (site: string, look: Look, resolution: "hour" | "day", range: Range) => {
    const [cells, open] = await Promise.all([
      stored(site, look, resolution, range),
      openBuckets(site, look.stream, resolution, range),
    ]);
    return { cells, open };
  };

  /** The same, of settled buckets what is kept. Those are kept that were not open before they were read, so that nothing changes them. */
  const readOrRecall = async (site: string, look: Look, resolution: "hour" | "day", range: Range) => {
    const border = Math.min(range.to, Math.max(range.from, bucketOf(clock() - SETTLED_MS, resolution)));
    const of = keys.page(site, look, resolution, 0);
    const open = await openBuckets(site, look.stream, resolution, range);
    settled.forget(of, open);
    const { kept, missing } = settled.recall(of, { from: range.from, to: border });
    const [old, cells] = await Promise.all([
      stored(site, look, resolution, missing),
      stored(site, look, resolution, { from: border, to: range.to }),
    ]);
    settled.keep(of, missing, old, open);
    addTo(cells, kept);
    addTo(cells, old);
    return { cells, open };
  };

  const openBuckets = async (
    site: string,
    stream: string | null,
    resolution: "hour" | "day",
    range: Range,
  ): Promise<number[]> => {
    if (resolution === "hour")
      return openIn(site, stream, "hour", { from: Math.max(range.from, range.to - OPEN_HOURS), to: range.to });
    const hours = finer("day", range);
    const [days, open] = await Promise.all([
      openIn(site, stream, "day", range),
      openBuckets(site, stream, "hour", hours),
    ]);
    return [...new Set([...days, ...open.map((hour) => Math.floor(hour / perBucket("day")))])].sort((a, b) => a - b);
  };

  return {
    stored,
    openIn,
    async read(site: string, look: Look, spans: readonly TimeSpan[]): Promise<Map<string, PlacedCell[]>> {
      const found = new Map<string, PlacedCell[]>();
      const each = await Promise.all(spans.map((span) => current(site, look, span.resolution, span)));
      for (const [index, { resolution }] of spans.entries()) {
        for (const [value, row] of each[index] ?? []) {
          const list = found.get(value) ?? [];
          found.set(value, list);
          for (const [bucket, cell] of [...row].sort(([a], [b]) => a - b)) list.push({ resolution, bucket, cell });
        }
      }
      return found;
    },
    /** Of a set that is not there yet, the finer ones say the same. */
    async viewers(site: string, stream: string | null, spans: readonly TimeSpan[]): Promise<number> {
      const dimension = stream === null ? ("all" as const) : ("stream" as const);
      const sets: string[] = [];
      const add = async (resolution: Resolution, range: Range): Promise<void> => {
        for (let bucket = range.from; bucket < range.to; bucket++) {
          sets.push(keys.viewers(site, { stream: null, dimension, value: stream ?? "", resolution, bucket }));
        }
        if (resolution === "minute") return;
        for (const run of runsOf(await openBuckets(site, null, resolution, range))) {
          await add(FINER[resolution], finer(resolution, run));
        }
      };
      for (const { resolution, from, to } of spans) await add(resolution, { from, to });
      const [first] = sets;
      return first === undefined ? 0 : Number(await connection.send(first, ["PFCOUNT", ...sets]));
    },
  };
}

export type Reader = ReturnType<typeof createReader>;

/** Puts cells where others of the same bucket may be. */
function addTo(cells: Cells, more: Cells): void {
  for (const [value, row] of more) {
    const into = rowIn(cells, value);
    for (const [bucket, cell] of row) into.set(bucket, cell);
  }
}

/** Cells of the coarser width, summed up. */
export function coarser(resolution: "hour" | "day", cells: Cells): Cells {
  const sums: Cells = new Map();
  for (const [value, row] of cells) {
    const groups = new Map<number, Cell[]>();
    for (const [bucket, cell] of row) {
      const into = Math.floor(bucket / perBucket(resolution));
      const group = groups.get(into);
      if (group) group.push(cell);
      else groups.set(into, [cell]);
    }
    sums.set(value, new Map([...groups].map(([bucket, group]) => [bucket, merge(group)])));
  }
  return sums;
}

/** Buckets that follow each other, as ranges. */
function runsOf(buckets: readonly number[]): Range[] {
  const runs: { from: number; to: number }[] = [];
  for (const bucket of buckets) {
    const last = runs.at(-1);
    if (last?.to === bucket) last.to = bucket + 1;
    else runs.push({ from: bucket, to: bucket + 1 });
  }
  return runs;
}

export const hasResolution = (dimension: Look["dimension"], resolution: Resolution): boolean =>
  specOf(dimension).resolutions.includes(resolution);
