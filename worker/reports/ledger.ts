import { type Counter, PLAIN_COUNTERS, Tally } from "./cell.ts";
import { SLOTS } from "./pairs.ts";

const WIDTH = PLAIN_COUNTERS.length;
const FIRST_ROWS = 256;

/** What one sample adds to a cell: of the plain counts those at `places`, the slots of its links where it has any, the rest by name. */
export type Addend = {
  readonly plain: Float64Array;
  readonly places: readonly number[];
  readonly pairs: Float64Array | null;
  readonly rest: readonly (readonly [Counter, number])[];
};

/** Takes the counts of a row one by one, those that are zero left out. */
export type CountSink = {
  readonly plain: (place: number, value: number) => void;
  readonly rest: (counter: Counter, value: number) => void;
};

/**
 * The counts of many cells, a row for each, side by side in one stretch of memory: adding samples to cells is what a worker does
 * most, and so it makes nothing that has to be cleared away.
 */
export class Ledger {
  #plain = new Float64Array(FIRST_ROWS * WIDTH);
  /** Few rows have links: only the totals. */
  readonly #pairs: (Float64Array | undefined)[] = [];
  readonly #rest: (Map<Counter, number> | undefined)[] = [];

  /** A new row of zeros. Returns its number. */
  open(): number {
    const row = this.#rest.push(undefined) - 1;
    if (row * WIDTH >= this.#plain.length) {
      const wider = new Float64Array(this.#plain.length * 2);
      wider.set(this.#plain);
      this.#plain = wider;
    }
    return row;
  }

  add(row: number, { plain, places, pairs, rest }: Addend): void {
    const counts = this.#plain;
    const first = row * WIDTH;
    for (const place of places) counts[first + place] = (counts[first + place] ?? 0) + (plain[place] ?? 0);
    if (pairs !== null) this.#addPairs(row, pairs);
    if (rest.length > 0) this.#addRest(row, rest);
  }

  #addPairs(row: number, pairs: Float64Array): void {
    const counts = this.#pairs[row] ?? new Float64Array(SLOTS.length);
    this.#pairs[row] = counts;
    for (let slot = 0; slot < counts.length; slot += 1) counts[slot] = (counts[slot] ?? 0) + (pairs[slot] ?? 0);
  }

  #addRest(row: number, rest: Addend["rest"]): void {
    const counts = this.#rest[row] ?? new Map<Counter, number>();
    this.#rest[row] = counts;
    for (const [counter, value] of rest) counts.set(counter, (counts.get(counter) ?? 0) + value);
  }

  read(row: number, sink: CountSink): void {
    const first = row * WIDTH;
    for (let place = 0; place < WIDTH; place += 1) {
      const value = this.#plain[first + place] ?? 0;
      if (value !== 0) sink.plain(place, value);
    }
    for (const [slot, value] of this.#pairs[row]?.entries() ?? [])
      if (value !== 0) sink.rest(SLOTS[slot] ?? "pair.0", value);
    for (const [counter, value] of this.#rest[row] ?? []) if (value !== 0) sink.rest(counter, value);
  }

  tally(row: number): Tally {
    const tally = new Tally();
    this.read(row, {
      plain: (place, value) => tally.addAt(place, value),
      rest: (counter, value) => tally.add(counter, value),
    });
    return tally;
  }
}
