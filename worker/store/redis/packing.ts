import { Packr } from "msgpackr";
import { type Cell, count, type Resolution } from "../../reports/index.ts";
import { NumberedTally, numberOf, PEAK } from "../counters.ts";
import { Bytes, Writer } from "../wire.ts";

const packr = new Packr({ useRecords: false, mapsAsObjects: false, int64AsType: "number" });

/** MessagePack, which scripts read with `cmsgpack`. */
export const pack = (value: unknown): Buffer => packr.pack(value);

/** A cell of a page: counts by the counter's number, and its peak; no script looks into it. */
export function packCell({ counts, peak }: Cell): Buffer {
  const writer = new Writer(256);
  for (const [counter, value] of counts) {
    writer.whole(numberOf(counter));
    writer.signed(value);
  }
  if (peak > 0) {
    writer.whole(PEAK);
    writer.signed(peak);
  }
  return writer.from(0);
}

export function unpackCell(packed: Buffer): Cell {
  const bytes = new Bytes(packed);
  const cell = new NumberedTally();
  while (bytes.at < packed.length) cell.add(bytes.whole(), bytes.signed());
  return cellOf(cell);
}

/** A minute's peak is what it counted itself. */
export const cellOf = ({ tally, peak }: NumberedTally, resolution?: Resolution): Cell => ({
  counts: tally,
  peak: resolution === "minute" ? count({ counts: tally }, "inMinute") : peak,
});
