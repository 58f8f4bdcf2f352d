import {
  BUCKET_MS,
  bucketOf,
  type Cell,
  merge,
  OTHER,
  type Resolution,
  specOf,
  type Span as TimeSpan,
} from "../../reports/index.ts";
import { NumberedTally } from "../counters.ts";
import type { Look, PlacedCell } from "../port.ts";
import type { Connection } from "./connection.ts";
import { bucketsOf, fieldOf, type Keys, logOf, pageOf, pageSize, readField, spanOf } from "./keys.ts";
import { readLog } from "./log.ts";
import { cellOf, unpackCell } from "./packing.ts";

/** Cells by value and bucket. */
export type Cells = Map<string, Map<number, Cell>>;

/** Buckets `from` to `to` (exclusive) of one width. */
type Range = { readonly from: number; readonly to: number };

/** Fields asked for at once. */
const FIELDS = 4000;
/** Hours that may still be open, counted back from the newest that is asked for: their minutes are kept for two days. */
const OPEN_HOURS = 72;

/** The width that a coarser bucket is made of. */
export const FINER = { hour: "minute", day: "hour" } as const;
const perBucket = (resolution: "hour" | "day"): number => BUCKET_MS[resolution] / BUCKET_MS[FINER[resolution]];

export const finer = (resolution: "hour" | "day", { from, to }: Range): Range => ({
  from: from * perBucket(resolution),
  to: to * perBucket(resolution),
});

export function createReader(keys: Keys, connection: Connection) {
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

  /** What is written down in this width: the finest in logs, the others in pages. */
  const stored = async (site: string, look: Look, resolution: Resolution, range: Range): Promise<Cells> => {
    const cells: Cells = new Map();
    if (range.from >= range.to) return cells;
    if (resolution === finestOf(look.dimension)) await readLogs(site, look, resolution, range, cells);
    else await readPages(site, look, resolution, range, cells);
    return cells;
  };

  const readLogs = async (
    site: string,
    look: Look,
    resolution: Resolution,
    { from, to }: Range,
    cells: Cells,
  ): Promise<void> => {
    const read = async (stream: string | null, log: number): Promise<void> => {
      const bytes = await command(keys.log(site, { ...look, stream }, resolution, log), "GET");
      if (!(bytes instanceof Buffer)) return;
      const first = bucketsOf(resolution, log).from;
      const sums = new Map<string, Map<number, NumberedTally>>();
      readLog(bytes, (at, value) => {
        const bucket = first + at;
        if (bucket < from || bucket >= to || (look.value !== undefined && value !== look.value)) return undefined;
        const row = rowIn(sums, value);
        const sum = row.get(bucket) ?? new NumberedTally();
        row.set(bucket, sum);
        return sum;
      });
      for (const [value, row] of sums) {
        for (const [bucket, sum] of row) rowIn(cells, value).set(bucket, cellOf(sum, resolution));
      }
    };
    const logs = rangeOf(logOf(resolution, from), logOf(resolution, to - 1) + 1);
    const streams = look.dimension === "stream" ? await streamsOf(site, look, resolution, { from, to }) : [look.stream];
    await Promise.all(streams.flatMap((stream) => logs.map((log) => read(stream, log))));
  };

  /** The streams whose totals may be in a range. */
  const streamsOf = async (
    site: string,
    { value }: Look,
    resolution: Resolution,
    { from, to }: Range,
  ): Promise<readonly string[]> => {
    if (value !== undefined) return [value];
    const dayOf = (bucket: number): number => bucketOf(bucket * BUCKET_MS[resolution], "day");
    const members = await Promise.all(
      rangeOf(dayOf(from), dayOf(to - 1) + 1).map((day) =>
        command(keys.names(site, { stream: null, dimension: "stream" }, day), "SMEMBERS"),
      ),
    );
    return [...new Set([OTHER, ...members.flat().map(String)])];
  };

  const readPages = async (
    site: string,
    look: Look,
    resolution: Resolution,
    { from, to }: Range,
    cells: Cells,
  ): Promise<void> => {
    const { dimension, value } = look;
    const take = (name: string, bucket: number, bytes: unknown): void => {
      if (!(bytes instanceof Buffer) || bucket < from || bucket >= to) return;
      rowIn(cells, name).set(bucket, unpackCell(bytes));
    };
    const readPage = async (page: number): Promise<void> => {
      const key = keys.page(site, look, resolution, page);
      const size = pageSize(dimension, resolution);
      if (value === undefined) {
        const flat = await command(key, "HGETALL");
        for (const [field, bytes] of pairsOf(flat)) {
          const at = readField(field);
          take(at.value, at.bucket, bytes);
        }
        return;
      }
      const buckets = rangeOf(Math.max(from, page * size), Math.min(to, (page + 1) * size));
      for (let start = 0; start < buckets.length; start += FIELDS) {
        const some = buckets.slice(start, start + FIELDS);
        const found = await command(key, "HMGET", ...some.map((bucket) => fieldOf(bucket, value)));
        for (const [index, bucket] of some.entries()) take(value, bucket, Array.isArray(found) ? found[index] : null);
      }
    };
    await Promise.all(
      rangeOf(pageOf(dimension, resolution, from), pageOf(dimension, resolution, to - 1) + 1).map(readPage),
    );
  };

  /** What is true now: where a span is open, its finer cells are summed up instead. */
  const current = async (site: string, look: Look, resolution: Resolution, range: Range): Promise<Cells> => {
    if (resolution === "minute" || resolution === finestOf(look.dimension))
      return stored(site, look, resolution, range);
    const [cells, open] = await Promise.all([
      stored(site, look, resolution, range),
      openBuckets(site, look.stream, resolution, range),
    ]);
    for (const run of runsOf(open)) {
      const fine = await current(site, look, FINER[resolution], finer(resolution, run));
      for (const [value, row] of coarser(resolution, fine)) {
        const into = cells.get(value) ?? new Map<number, Cell>();
        cells.set(value, into);
        for (const [bucket, cell] of row) into.set(bucket, cell);
      }
    }
    return cells;
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

/** Whole numbers from `from` up to `to`, which is left out. */
const rangeOf = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);

function rowIn<Value>(rows: Map<string, Map<number, Value>>, name: string): Map<number, Value> {
  const row = rows.get(name) ?? new Map<number, Value>();
  rows.set(name, row);
  return row;
}

export type Reader = ReturnType<typeof createReader>;

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

/** Fields and values of a hash, in whichever shape the protocol's version brings them. */
export function pairsOf(reply: unknown): [string, unknown][] {
  if (reply instanceof Map) return [...reply].map(([field, value]) => [String(field), value]);
  if (Array.isArray(reply)) {
    return Array.from({ length: reply.length / 2 }, (_, index) => [String(reply[2 * index]), reply[2 * index + 1]]);
  }
  return typeof reply === "object" && reply !== null ? Object.entries(reply) : [];
}

/** The finest buckets that a dimension has: the only ones that samples are written to. */
export const finestOf = (dimension: Look["dimension"]): Resolution => specOf(dimension).resolutions[0];

export const hasResolution = (dimension: Look["dimension"], resolution: Resolution): boolean =>
  specOf(dimension).resolutions.includes(resolution);
