import { BUCKET_MS, bucketOf, type Cell, OTHER, type Resolution, type Scope, specOf } from "../../reports/index.ts";
import { NumberedTally } from "../counters.ts";
import type { Look } from "../port.ts";
import type { Connection } from "./connection.ts";
import { bucketsOf, fieldOf, type Keys, logOf, pageOf, pageSize, readField } from "./keys.ts";
import { readLog } from "./log.ts";
import { cellOf, unpackCell } from "./packing.ts";

/** Cells by value and bucket. */
export type Cells = Map<string, Map<number, Cell>>;

/** Buckets `from` to `to` (exclusive) of one width. */
export type Range = { readonly from: number; readonly to: number };

/** Adds what is written down to `cells`. */
type Read = (site: string, look: Look, resolution: Resolution, range: Range, cells: Cells) => Promise<void>;

/** Fields asked for at once. */
const FIELDS = 4000;
/** Where at most this part of a page's buckets is asked for, one over so many, its cells are asked for by name. */
const FEW = 4;

/** Reads what stands in Redis itself, whether it is true still or not. */
export function createStored(keys: Keys, connection: Connection) {
  const command = (key: string, ...args: readonly string[]): Promise<unknown> =>
    connection.send(key, [args[0] ?? "", key, ...args.slice(1)]);

  /** What is written down in this width: the finest in logs, the others in pages. */
  const stored = async (site: string, look: Look, resolution: Resolution, range: Range): Promise<Cells> => {
    const cells: Cells = new Map();
    if (range.from >= range.to) return cells;
    if (resolution === finestOf(look.dimension)) await readLogs(site, look, resolution, range, cells);
    else await readPages(site, look, resolution, range, cells);
    return cells;
  };

  const readLogs: Read = async (site, look, resolution, { from, to }, cells) => {
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
    const days = await namesOf(site, { stream: null, dimension: "stream" }, resolution, { from, to });
    return [...new Set([OTHER, ...days.flat()])];
  };

  /** What the days of a range tell apart, day by day; of those that are over for some days nothing is known any more. */
  const namesOf = (site: string, scope: Scope, resolution: Resolution, { from, to }: Range): Promise<string[][]> => {
    const dayOf = (bucket: number): number => bucketOf(bucket * BUCKET_MS[resolution], "day");
    return Promise.all(
      rangeOf(dayOf(from), dayOf(to - 1) + 1).map(async (day) => {
        const members = await command(keys.names(site, scope, day), "SMEMBERS");
        return Array.isArray(members) ? members.map(String) : [];
      }),
    );
  };

  const readPages: Read = async (site, look, resolution, { from, to }, cells) => {
    const { dimension, value } = look;
    const take = (name: string, bucket: number, bytes: unknown): void => {
      if (!(bytes instanceof Buffer) || bucket < from || bucket >= to) return;
      rowIn(cells, name).set(bucket, unpackCell(bytes));
    };
    const readFields = async (key: string, fields: readonly (readonly [value: string, bucket: number])[]) => {
      const reads = Array.from({ length: Math.ceil(fields.length / FIELDS) }, async (_, part) => {
        const some = fields.slice(part * FIELDS, (part + 1) * FIELDS);
        const found = await command(key, "HMGET", ...some.map(([name, bucket]) => fieldOf(bucket, name)));
        for (const [index, [name, bucket]] of some.entries())
          take(name, bucket, Array.isArray(found) ? found[index] : null);
      });
      await Promise.all(reads);
    };
    const readPage = async (page: number): Promise<void> => {
      const key = keys.page(site, look, resolution, page);
      const size = pageSize(dimension, resolution);
      const buckets = rangeOf(Math.max(from, page * size), Math.min(to, (page + 1) * size));
      const names = value === undefined ? await namesIn(buckets, size) : [value];
      if (names !== null) {
        await readFields(
          key,
          buckets.flatMap((bucket) => names.map((name) => [name, bucket] as const)),
        );
        return;
      }
      for (const [field, bytes] of pairsOf(await command(key, "HGETALL"))) {
        const at = readField(field);
        take(at.value, at.bucket, bytes);
      }
    };
    /** The values that may be in some buckets, where little of their page is asked for and they are still known; else null. */
    const namesIn = async (buckets: readonly number[], size: number): Promise<readonly string[] | null> => {
      const [first, last] = [buckets[0], buckets.at(-1)];
      if (first === undefined || last === undefined || buckets.length > size / FEW) return null;
      const days = await namesOf(site, look, resolution, { from: first, to: last + 1 });
      if (days.some((names) => names.length === 0)) return null;
      return [...new Set([OTHER, ...days.flat()])];
    };
    await Promise.all(
      rangeOf(pageOf(dimension, resolution, from), pageOf(dimension, resolution, to - 1) + 1).map(readPage),
    );
  };

  return stored;
}

/** Whole numbers from `from` up to `to`, which is left out. */
export const rangeOf = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);

export function rowIn<Value>(rows: Map<string, Map<number, Value>>, name: string): Map<number, Value> {
  const row = rows.get(name) ?? new Map<number, Value>();
  rows.set(name, row);
  return row;
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
