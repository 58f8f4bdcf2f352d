import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Group, Ledger } from "../../reports/index.ts";
import { numberAt, numberOf } from "../counters.ts";
import { Bytes, Writer } from "../wire.ts";

/**
 * A log holds the finest cells of one scope in some buckets, as a string that only grows: each step appends a delta with what it adds
 * to them, and whoever reads adds all of it up. When the deltas outweigh the sum, everything is replaced by its sum, with a number one
 * higher than that of the sum before, so that nobody can replace what somebody else has replaced meanwhile. `commit.lua` and
 * `compact.lua` know the heads of records.
 *
 * A record is its kind (a byte), the length of what follows (four bytes), of a sum its number (four bytes), and cells: bucket within
 * the log, value, then counters by number with their counts, and a 0. Where hardly anything more is to come, the cells are deflated.
 */
const DELTA = 1;
const SUM = 2;
const DEFLATED = 3;
/** Bytes of a record's kind and length, and of a sum's number. */
const HEAD = 5;
const NUMBER = 4;

/** Takes counts by the counter's number. */
export type NumberSink = { readonly add: (number: number, count: number) => void };

/** As much of a log as tells its present sum from any other. */
export const headOf = (log: Buffer): Buffer => log.subarray(0, HEAD + NUMBER);

/** Appends records to what one step has to say. */
export class DeltaWriter {
  readonly #writer = new Writer();
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The delta of groups that lie in one log, whose buckets begin with `first`. */
  write(groups: readonly Group[], first: number): Buffer {
    const writer = this.#writer;
    const start = writer.length;
    writer.byte(DELTA);
    writer.fixed(0);
    for (const { bucket, rows } of groups) {
      for (const [value, row] of rows) {
        writer.whole(bucket - first);
        writer.text(value);
        this.#ledger.read(row, this.#sink);
        writer.byte(0);
      }
    }
    writer.fixAt(start + 1, writer.length - start - HEAD);
    return writer.from(start);
  }

  readonly #sink = {
    plain: (place: number, value: number): void => {
      this.#writer.whole(numberAt(place));
      this.#writer.signed(value);
    },
    rest: (counter: Parameters<typeof numberOf>[0], value: number): void => {
      this.#writer.whole(numberOf(counter));
      this.#writer.signed(value);
    },
  };
}

/** Goes through all cells of a log. `take` says where the counts of a cell go; what it does not want is passed over. */
export function readLog(log: Buffer, take: Take): void {
  for (let at = 0; at < log.length; ) {
    const end = at + HEAD + log.readUInt32LE(at + 1);
    if (end > log.length) throw new RangeError("the log ends before its last record does");
    const kind = log[at];
    const cells = log.subarray(at + HEAD + (kind === DELTA ? 0 : NUMBER), end);
    readCells(kind === DEFLATED ? inflateRawSync(cells) : cells, take);
    at = end;
  }
}

type Take = (bucket: number, value: string) => NumberSink | undefined;

function readCells(cells: Buffer, take: Take): void {
  const bytes = new Bytes(cells);
  while (bytes.at < cells.length) {
    const bucket = bytes.whole();
    const sink = take(bucket, bytes.text()) ?? NOWHERE;
    for (let number = bytes.whole(); number !== 0; number = bytes.whole()) sink.add(number, bytes.signed());
  }
}

const NOWHERE: NumberSink = { add: () => undefined };

/**
 * The sum of a log, as the one record that says the same. Counters of later versions are in it too. `settled`: hardly anything more is
 * to come, so that it may take longer to read for the sake of its size.
 */
export function sumUp(log: Buffer, settled = false): Buffer {
  const cells = new Map<number, Map<string, Numbered>>();
  readLog(log, (bucket, value) => {
    const row = cells.get(bucket) ?? new Map<string, Numbered>();
    cells.set(bucket, row);
    const cell = row.get(value) ?? new Numbered();
    row.set(value, cell);
    return cell;
  });
  const writer = new Writer(log.length);
  writer.byte(settled ? DEFLATED : SUM);
  writer.fixed(0);
  writer.fixed(numberOfSum(log) + 1);
  for (const [bucket, row] of cells) {
    for (const [value, cell] of row) {
      writer.whole(bucket);
      writer.text(value);
      cell.each((number, count) => {
        writer.whole(number);
        writer.signed(count);
      });
      writer.byte(0);
    }
  }
  const record = writer.from(0);
  const sum = settled ? deflated(record) : record;
  sum.writeUInt32LE(sum.length - HEAD, 1);
  return sum;
}

const deflated = (record: Buffer): Buffer =>
  Buffer.concat([record.subarray(0, HEAD + NUMBER), deflateRawSync(record.subarray(HEAD + NUMBER))]);

const numberOfSum = (log: Buffer): number => (log[0] === DELTA ? 0 : log.readUInt32LE(HEAD));

const DENSE = 64;

/** Counts by number, those of the plain counters side by side. */
class Numbered implements NumberSink {
  readonly #dense = new Array<number>(DENSE).fill(0);
  #sparse: Map<number, number> | undefined;

  add(number: number, count: number): void {
    if (number < DENSE) this.#dense[number] = (this.#dense[number] ?? 0) + count;
    else {
      this.#sparse ??= new Map();
      this.#sparse.set(number, (this.#sparse.get(number) ?? 0) + count);
    }
  }

  each(visit: (number: number, count: number) => void): void {
    for (let number = 0; number < DENSE; number += 1) {
      const count = this.#dense[number] ?? 0;
      if (count !== 0) visit(number, count);
    }
    for (const [number, count] of this.#sparse ?? []) if (count !== 0) visit(number, count);
  }
}
