import { NEARNESS, type Nearness } from "../../tracker/protocol/index.ts";
import { CDN_REASONS, type CdnReason, SOURCES, type Source } from "../protocol/index.ts";

/**
 * What a cell counts. All of it is integers that add up, so that cells merge in any order and grouping:
 * - bytes by source, the CDN's by reason, the peers' by nearness; played, uploaded, wasted, overhead;
 * - `samples`, `spanMs` (time that samples covered), `watchMs`, `stalls`, `stallMs`, `errors`;
 * - `waryMs` and `offMs`: time that samples covered of viewers who had backed off, to fewer neighbours or out of the mesh;
 * - `kilobits` played and `ratedMs`, the time of watching in which the bitrate was known;
 * - `startups` and `startupMs`: first pictures, and the sum of the times to them;
 * - `began`: sessions whose first sample this was; `inMinute`, `inHour`, `inDay`: sessions that were there in the minute (hour,
 *   day), each counted with its first sample in it;
 * - `beganAt`: in a session's own cell, when it began, in milliseconds since 1970;
 * - `sharable`: bytes played times (1 - 1/N) for the N viewers of the swarm; `uplink`: bytes that could have been uploaded;
 * - `claimed` and `given`: bytes that downloaders say they got from named peers, and that peers say they gave;
 * - `startup.…` and `stall.…`: histograms of times, by bin; `pair.…`: claims less gifts, by lot (see `pairs.ts`).
 */
export type Counter = PlainCounter | `startup.${number}` | `stall.${number}` | `pair.${number}`;
export type PlainCounter = (typeof PLAIN_COUNTERS)[number];

export const PLAIN_COUNTERS = [
  ...SOURCES,
  ...CDN_REASONS.map((reason) => `cdn.${reason}` as const),
  ...NEARNESS.map((near) => `peer.${near}` as const),
  "played",
  "uploaded",
  "wasted",
  "overhead",
  "samples",
  "spanMs",
  "watchMs",
  "stalls",
  "stallMs",
  "errors",
  "waryMs",
  "offMs",
  "kilobits",
  "ratedMs",
  "startups",
  "startupMs",
  "began",
  "inMinute",
  "inHour",
  "inDay",
  "beganAt",
  "sharable",
  "uplink",
  "claimed",
  "given",
] as const;

/** Where each plain counter stands in `PLAIN_COUNTERS`. */
export const PLACE = Object.fromEntries(PLAIN_COUNTERS.map((counter, place) => [counter, place])) as Readonly<
  Record<PlainCounter, number>
>;
const PLACES: ReadonlyMap<Counter, number> = new Map(PLAIN_COUNTERS.map((counter, place) => [counter, place]));

/** Whether a text names a counter, as one that was written down by another version may not. */
export const isCounter = (text: string): text is Counter =>
  (PLAIN_COUNTERS as readonly string[]).includes(text) || /^(startup|stall|pair)\.\d{1,3}$/.test(text);

/**
 * Counts that add up. Nearly every cell has most of the plain counters, so those lie side by side: adding two tallies is what a
 * worker does most.
 */
export class Tally implements Iterable<readonly [Counter, number]> {
  readonly #plain = new Array<number>(PLAIN_COUNTERS.length).fill(0);
  #rest: Map<Counter, number> | undefined;

  static of(counts: Iterable<readonly [Counter, number]>): Tally {
    const tally = new Tally();
    for (const [counter, value] of counts) tally.add(counter, value);
    return tally;
  }

  get(counter: Counter): number {
    const place = PLACES.get(counter);
    return (place === undefined ? this.#rest?.get(counter) : this.#plain[place]) ?? 0;
  }

  add(counter: Counter, value: number): void {
    if (value === 0) return;
    const place = PLACES.get(counter);
    if (place !== undefined) this.#plain[place] = (this.#plain[place] ?? 0) + value;
    else {
      this.#rest ??= new Map();
      this.#rest.set(counter, (this.#rest.get(counter) ?? 0) + value);
    }
  }

  /** Adds to the plain counter that stands at `place` of `PLAIN_COUNTERS`. */
  addAt(place: number, value: number): void {
    this.#plain[place] = (this.#plain[place] ?? 0) + value;
  }

  addAll(other: Tally): void {
    const from = other.#plain;
    for (let place = 0; place < from.length; place += 1) {
      const value = from[place] ?? 0;
      if (value !== 0) this.#plain[place] = (this.#plain[place] ?? 0) + value;
    }
    if (other.#rest !== undefined) for (const [counter, value] of other.#rest) this.add(counter, value);
  }

  /** What is not zero. */
  *[Symbol.iterator](): Generator<readonly [Counter, number]> {
    for (const [place, counter] of PLAIN_COUNTERS.entries()) {
      const value = this.#plain[place] ?? 0;
      if (value !== 0) yield [counter, value];
    }
    for (const entry of this.#rest ?? []) if (entry[1] !== 0) yield entry;
  }
}

/** What happened in one bucket, or in several together. */
export type Cell = {
  readonly counts: Tally;
  /** Most sessions that any one minute of it had (`inMinute`). */
  peak: number;
};

export const emptyCell = (): Cell => ({ counts: new Tally(), peak: 0 });

/** One count of a cell; 0 when nothing was counted. */
export const count = ({ counts }: { readonly counts: Tally }, counter: Counter): number => counts.get(counter);

/** One cell that says what all of them say together. None of them is changed. */
export const merge = (cells: Iterable<Cell>): Cell => {
  const merged = emptyCell();
  for (const { counts, peak } of cells) {
    merged.counts.addAll(counts);
    merged.peak = Math.max(merged.peak, peak);
  }
  return merged;
};

/** CDN bytes by reason. */
export const cdnReasonsOf = (cell: Cell): Record<CdnReason, number> =>
  pick(CDN_REASONS, (reason) => count(cell, `cdn.${reason}`));

/** Peers' bytes by nearness. */
export const nearnessOf = (cell: Cell): Record<Nearness, number> =>
  pick(NEARNESS, (near) => count(cell, `peer.${near}`));

/** Bytes by source. */
export const sourcesOf = (cell: Cell): Record<Source, number> => pick(SOURCES, (source) => count(cell, source));

const pick = <Name extends string>(names: readonly Name[], value: (name: Name) => number): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Record<Name, number>;
