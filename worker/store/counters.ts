import { type Counter, PLAIN_COUNTERS, type PlainCounter, Tally } from "../reports/index.ts";

/**
 * Numbers that stand for counters in Redis. They are for ever: a new counter gets a new number. They begin above 1, since Lua takes a
 * table that has nothing but a 1 for a list.
 */
const PLAIN = {
  cdn: 3,
  peer: 4,
  relay: 5,
  "cdn.start": 6,
  "cdn.duty": 7,
  "cdn.noPeer": 8,
  "cdn.tooLate": 9,
  "cdn.failedCheck": 10,
  "cdn.policy": 11,
  "cdn.p2pOff": 12,
  "peer.lan": 13,
  "peer.network": 14,
  "peer.as": 15,
  "peer.country": 16,
  "peer.far": 17,
  played: 18,
  uploaded: 19,
  wasted: 20,
  overhead: 21,
  samples: 22,
  spanMs: 23,
  watchMs: 24,
  stalls: 25,
  stallMs: 26,
  errors: 27,
  kilobits: 28,
  ratedMs: 29,
  startups: 30,
  startupMs: 31,
  began: 32,
  inMinute: 33,
  inHour: 34,
  inDay: 35,
  beganAt: 36,
  sharable: 37,
  uplink: 38,
  claimed: 39,
  given: 40,
  waryMs: 41,
  offMs: 42,
} as const satisfies Record<PlainCounter, number>;

/** The peak of a cell; no counter, for it does not add up. */
export const PEAK = 2;

/** Families of counters, each with the number of its first. They have room for 1,000. */
const FAMILIES = { pair: 100, startup: 1100, stall: 2100 } as const;
const ROOM = 1000;

const numbers = new Map<string, number>(Object.entries(PLAIN));
const names = new Map<number, Counter>(Object.entries(PLAIN).map(([name, number]) => [number, name as PlainCounter]));
for (const [family, first] of Object.entries(FAMILIES)) {
  for (let member = 0; member < ROOM; member++) {
    numbers.set(`${family}.${member}`, first + member);
    names.set(first + member, `${family as keyof typeof FAMILIES}.${member}`);
  }
}

/** @throws RangeError for a counter that has no number */
export function numberOf(counter: Counter): number {
  const number = numbers.get(counter);
  if (number === undefined) throw new RangeError(`the counter ${counter} has no number in Redis`);
  return number;
}

/** `undefined`: a counter that this version does not know. */
export const counterOf = (number: number): Counter | undefined => names.get(number);

/** Numbers of the plain counters, in the order of `PLAIN_COUNTERS`. */
const NUMBER_AT: readonly number[] = PLAIN_COUNTERS.map((counter) => PLAIN[counter]);
const PLACE_OF: readonly (number | undefined)[] = NUMBER_AT.reduce<number[]>((places, number, place) => {
  places[number] = place;
  return places;
}, []);

/** Number of the plain counter that stands at `place` of `PLAIN_COUNTERS`. */
export const numberAt = (place: number): number => NUMBER_AT[place] ?? numberOf(PLAIN_COUNTERS[place] as PlainCounter);

/** Counts that come by number; those that this version does not know are left out. */
export class NumberedTally {
  readonly tally = new Tally();
  peak = 0;

  add(number: number, value: number): void {
    const place = PLACE_OF[number];
    if (place !== undefined) this.tally.addAt(place, value);
    else if (number === PEAK) this.peak = Math.max(this.peak, value);
    else this.#addRare(number, value);
  }

  #addRare(number: number, value: number): void {
    const counter = counterOf(number);
    if (counter !== undefined) this.tally.add(counter, value);
  }
}
