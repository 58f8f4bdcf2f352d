import { Packr } from "msgpackr";
import { type Cell, type Counter, count, type Resolution } from "../../reports/index.ts";
import { NumberedTally, numberOf, PEAK } from "./counters.ts";

const packr = new Packr({ useRecords: false, mapsAsObjects: false, int64AsType: "number" });

/** MessagePack, which scripts read with `cmsgpack`. */
export const pack = (value: unknown): Buffer => packr.pack(value);

/** A cell of a page: counts by the counter's number, and its peak. */
export function packCell({ counts, peak }: Cell): Buffer {
  const byNumber = new Map<number, number>();
  for (const [counter, value] of counts) byNumber.set(numberOf(counter as Counter), value);
  if (peak > 0) byNumber.set(PEAK, peak);
  return pack(byNumber);
}

export function unpackCell(bytes: Buffer): Cell {
  const value: unknown = packr.unpack(bytes);
  const cell = new NumberedTally();
  for (const [number, sum] of value instanceof Map ? (value as Map<number, number>) : []) cell.add(number, sum);
  return cellOf(cell);
}

/** A minute's peak is what it counted itself. */
export const cellOf = ({ tally, peak }: NumberedTally, resolution?: Resolution): Cell => ({
  counts: tally,
  peak: resolution === "minute" ? count({ counts: tally }, "inMinute") : peak,
});
