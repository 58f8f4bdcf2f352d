import { type Counter, PLAIN_COUNTERS, Tally } from "./cell.ts";

const WIDTH = PLAIN_COUNTERS.length;
const FIRST_ROWS = 256;

/** What one sample adds to a cell: of the plain counts those at `places`, and the rest by name. */
export type Addend = {
  readonly plain: Float64Array;
  readonly places: readonly number[];
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

  add(row: number, { plain, places, rest }: Addend): void {
    const counts = this.#plain;
    const first = row * WIDTH;
    for (const place of places) counts[first + place] = (counts[first + place] ?? 0) + (plain[place] ?? 0);
    if (rest.length > 0) this.#addRest(row, rest);
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
