import { Packr } from "msgpackr";
import { type Cell, count, type Resolution, Tally } from "../../reports/index.ts";
import { counterOf, numberOf, PEAK } from "./counters.ts";

const packr = new Packr({ useRecords: false, mapsAsObjects: false, int64AsType: "number" });

/** MessagePack, which scripts read with `cmsgpack`. */
export const pack = (value: unknown): Buffer => packr.pack(value);

/** Counts by the counter's number. */
export function numbered(counts: Tally): Map<number, number> {
  const byNumber = new Map<number, number>();
  for (const [counter, value] of counts) byNumber.set(numberOf(counter), value);
  return byNumber;
}

export function packCell({ counts, peak }: Cell): Buffer {
  const byNumber = numbered(counts);
  if (peak > 0) byNumber.set(PEAK, peak);
  return pack(byNumber);
}

/** A cell of a page; a minute's peak is what it counted itself. */
export function unpackCell(bytes: Buffer, resolution: Resolution): Cell {
  const value: unknown = packr.unpack(bytes);
  // Lua cannot tell an empty list from an empty table.
  const byNumber = value instanceof Map ? (value as Map<number, number>) : new Map<number, number>();
  const counts = new Tally();
  for (const [number, sum] of byNumber) {
    const counter = counterOf(number);
    if (counter !== undefined) counts.add(counter, sum);
  }
  return { counts, peak: byNumber.get(PEAK) ?? (resolution === "minute" ? count({ counts }, "inMinute") : 0) };
}
