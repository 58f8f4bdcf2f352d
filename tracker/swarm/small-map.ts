/** Up to so many entries are searched from end to end. */
const SMALL = 24;

/** A key and its value, the next key and its value. */
type Entries<K, V> = readonly (K | V)[];

/**
 * A map in the order of insertion, of which most hold a few entries and there are tens of thousands: those are one list without room
 * to spare, at a quarter of the memory of a `Map`. One that has grown is a `Map` for good.
 */
export class SmallMap<K, V> {
  private entries: Entries<K, V> | Map<K, V> = [];

  get size(): number {
    return this.entries instanceof Map ? this.entries.size : this.entries.length / 2;
  }

  get(key: K): V | undefined {
    const { entries } = this;
    if (entries instanceof Map) return entries.get(key);
    const place = placeOf(entries, key);
    return place === -1 ? undefined : (entries[place + 1] as V);
  }

  has(key: K): boolean {
    return this.entries instanceof Map ? this.entries.has(key) : placeOf(this.entries, key) !== -1;
  }

  keys(): Iterable<K> {
    return this.entries instanceof Map ? this.entries.keys() : keysOf(this.entries);
  }

  set(key: K, value: V): void {
    const { entries } = this;
    if (entries instanceof Map) {
      entries.set(key, value);
      return;
    }
    const place = placeOf(entries, key);
    if (place !== -1) this.entries = entries.map((old, at) => (at === place + 1 ? value : old));
    // A list that is pushed to, or spread, keeps room for sixteen more.
    else if (entries.length < 2 * SMALL) this.entries = entries.concat([key, value]);
    else this.entries = mapOf(entries).set(key, value);
  }

  delete(key: K): boolean {
    const { entries } = this;
    if (entries instanceof Map) return entries.delete(key);
    const place = placeOf(entries, key);
    if (place === -1) return false;
    this.entries = entries.filter((_, at) => at !== place && at !== place + 1);
    return true;
  }
}

/** Where a key stands, its value behind it; -1 when it does not. */
function placeOf<K, V>(entries: Entries<K, V>, key: K): number {
  for (let place = 0; place < entries.length; place += 2) if (entries[place] === key) return place;
  return -1;
}

const keysOf = <K, V>(entries: Entries<K, V>): K[] => entries.filter((_, place) => place % 2 === 0) as K[];

const mapOf = <K, V>(entries: Entries<K, V>): Map<K, V> =>
  new Map(keysOf(entries).map((key, index) => [key, entries[2 * index + 1] as V]));
