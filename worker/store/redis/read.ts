import { BUCKET_MS, type Cell, merge, type Resolution, specOf, type Span as TimeSpan } from "../../reports/index.ts";
import type { Look, PlacedCell } from "../port.ts";
import type { Connection } from "./connection.ts";
import { finestOf } from "./fold.ts";
import { fieldOf, type Keys, pageOf, pageSize, readField, spanOf } from "./keys.ts";
import { unpackCell } from "./packing.ts";

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
    const buckets = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
    if (buckets.length === 0) return [];
    const fields = buckets.map((bucket) => spanOf({ bucket, stream }));
    const versions = await command(keys.open(site, resolution), "HMGET", ...fields);
    return Array.isArray(versions) ? buckets.filter((_, index) => versions[index] !== null) : [];
  };

  /** What stands in the pages themselves. */
  const stored = async (site: string, look: Look, resolution: Resolution, { from, to }: Range): Promise<Cells> => {
    const { dimension, value } = look;
    const cells: Cells = new Map();
    const take = (name: string, bucket: number, bytes: unknown): void => {
      if (!(bytes instanceof Buffer) || bucket < from || bucket >= to) return;
      const row = cells.get(name) ?? new Map<number, Cell>();
      cells.set(name, row.set(bucket, unpackCell(bytes, resolution)));
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
      const first = Math.max(from, page * size);
      const buckets = Array.from({ length: Math.min(to, (page + 1) * size) - first }, (_, index) => first + index);
      for (let start = 0; start < buckets.length; start += FIELDS) {
        const some = buckets.slice(start, start + FIELDS);
        const found = await command(key, "HMGET", ...some.map((bucket) => fieldOf(bucket, value)));
        for (const [index, bucket] of some.entries()) take(value, bucket, Array.isArray(found) ? found[index] : null);
      }
    };
    const pages: Promise<void>[] = [];
    for (
      let page = pageOf(dimension, resolution, from);
      from < to && page <= pageOf(dimension, resolution, to - 1);
      page++
    ) {
      pages.push(readPage(page));
    }
    await Promise.all(pages);
    return cells;
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

export const hasResolution = (dimension: Look["dimension"], resolution: Resolution): boolean =>
  specOf(dimension).resolutions.includes(resolution);
