import { OTHER } from "../../reports/index.ts";
import type { Asked, Wanted } from "./asked.ts";
import { fieldOf, pageOf, pageSize, readField } from "./keys.ts";
import { namesOf } from "./names.ts";
import { unpackCell } from "./packing.ts";
import { pairsOf } from "./replies.ts";
import { type Cells, rangeOf, rowIn } from "./rows.ts";

/** Fields asked for at once. */
const FIELDS = 4000;
/** Where at most this part of a page's buckets is asked for, one over so many, its cells are asked for by name. */
const FEW = 4;

type Field = readonly [value: string, bucket: number];
type Take = (value: string, bucket: number, bytes: unknown) => void;

/** Reads cells that were summed up. */
export async function readPages(asked: Asked, wanted: Wanted): Promise<Cells> {
  const { look, resolution, range } = wanted;
  const cells: Cells = new Map();
  const take: Take = (value, bucket, bytes) => {
    if (!(bytes instanceof Buffer) || bucket < range.from || bucket >= range.to) return;
    rowIn(cells, value).set(bucket, unpackCell(bytes));
  };
  const pageAt = (bucket: number): number => pageOf(look.dimension, resolution, bucket);
  const pages = rangeOf(pageAt(range.from), pageAt(range.to - 1) + 1);
  await Promise.all(pages.map((page) => readPage(asked, wanted, page, take)));
  return cells;
}

async function readPage(asked: Asked, wanted: Wanted, page: number, take: Take): Promise<void> {
  const { site, look, resolution, range } = wanted;
  const key = asked.keys.page(site, look, resolution, page);
  const size = pageSize(look.dimension, resolution);
  const buckets = rangeOf(Math.max(range.from, page * size), Math.min(range.to, (page + 1) * size));
  const names = look.value === undefined ? await namesIn(asked, wanted, buckets, size) : [look.value];
  if (names === null) return readAll(asked, key, take);
  const fields = buckets.flatMap((bucket) => names.map((name): Field => [name, bucket]));
  return readFields(asked, key, fields, take);
}

/** The values that may be in some buckets, where little of their page is asked for and they are still known; else null. */
async function namesIn(
  asked: Asked,
  wanted: Wanted,
  buckets: readonly number[],
  size: number,
): Promise<readonly string[] | null> {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined || buckets.length > size / FEW) return null;
  const days = await namesOf(asked, { ...wanted, range: { from: first, to: last + 1 } }, wanted.look);
  if (days.some((names) => names.length === 0)) return null;
  return [...new Set([OTHER, ...days.flat()])];
}

async function readFields({ command }: Asked, key: string, fields: readonly Field[], take: Take): Promise<void> {
  const reads = Array.from({ length: Math.ceil(fields.length / FIELDS) }, async (_, part) => {
    const some = fields.slice(part * FIELDS, (part + 1) * FIELDS);
    const found = await command(key, "HMGET", ...some.map(([value, bucket]) => fieldOf(bucket, value)));
    for (const [index, [value, bucket]] of some.entries())
      take(value, bucket, Array.isArray(found) ? found[index] : null);
  });
  await Promise.all(reads);
}

async function readAll({ command }: Asked, key: string, take: Take): Promise<void> {
  for (const [field, bytes] of pairsOf(await command(key, "HGETALL"))) {
    const at = readField(field);
    take(at.value, at.bucket, bytes);
  }
}
