import { OTHER } from "../../reports/index.ts";
import { NumberedTally } from "../counters.ts";
import type { Asked, Wanted } from "./asked.ts";
import { bucketsOf, logOf } from "./keys.ts";
import { readLog } from "./log.ts";
import { namesOf } from "./names.ts";
import { cellOf } from "./packing.ts";
import { type Cells, rangeOf, rowIn } from "./rows.ts";

/** Adds up what was appended to the logs. */
export async function readLogs(asked: Asked, wanted: Wanted): Promise<Cells> {
  const { look, resolution, range } = wanted;
  const cells: Cells = new Map();
  const logs = rangeOf(logOf(resolution, range.from), logOf(resolution, range.to - 1) + 1);
  const streams = look.dimension === "stream" ? await streamsOf(asked, wanted) : [look.stream];
  await Promise.all(streams.flatMap((stream) => logs.map((log) => readOne(asked, wanted, { stream, log }, cells))));
  return cells;
}

/** The streams whose totals may be in a range. */
async function streamsOf(asked: Asked, wanted: Wanted): Promise<readonly string[]> {
  const { value } = wanted.look;
  if (value !== undefined) return [value];
  const days = await namesOf(asked, wanted, { stream: null, dimension: "stream" });
  return [...new Set([OTHER, ...days.flat()])];
}

async function readOne(
  { keys, command }: Asked,
  { site, look, resolution, range }: Wanted,
  { stream, log }: { readonly stream: string | null; readonly log: number },
  cells: Cells,
): Promise<void> {
  const bytes = await command(keys.log(site, { ...look, stream }, resolution, log), "GET");
  if (!(bytes instanceof Buffer)) return;
  const first = bucketsOf(resolution, log).from;
  const sums = new Map<string, Map<number, NumberedTally>>();
  readLog(bytes, (at, value) => {
    const bucket = first + at;
    if (bucket < range.from || bucket >= range.to || (look.value !== undefined && value !== look.value))
      return undefined;
    const row = rowIn(sums, value);
    const sum = row.get(bucket) ?? new NumberedTally();
    row.set(bucket, sum);
    return sum;
  });
  for (const [value, row] of sums) {
    for (const [bucket, sum] of row) rowIn(cells, value).set(bucket, cellOf(sum, resolution));
  }
}
