/** Up to so many entries are searched from end to end. */
const SMALL = 24;

/**
 * A map in the order of insertion, of which most hold a few entries and there are tens of thousands: those are two lists without room to
 * spare, at a third of the memory of a `Map`. One that has grown is a `Map` for good.
 */
export class SmallMap<K, V> {
  private names: readonly K[] = [];
  private values: readonly V[] = [];
  private grown: Map<K, V> | undefined;

  get size(): number {
    return this.grown?.size ?? this.names.length;
  }

  get(key: K): V | undefined {
    return this.grown ? this.grown.get(key) : this.values[this.names.indexOf(key)];
  }

  has(key: K): boolean {
    return this.grown ? this.grown.has(key) : this.names.includes(key);
  }

  keys(): IterableIterator<K> {
    return this.grown ? this.grown.keys() : this.names.values();
  }

  set(key: K, value: V): void {
    const place = this.names.indexOf(key);
    if (this.grown) this.grown.set(key, value);
    else if (place !== -1) this.values = this.values.map((old, at) => (at === place ? value : old));
    else if (this.names.length === SMALL) this.grow().set(key, value);
    else {
      // A list that is pushed to, or spread, keeps room for sixteen more.
      this.names = this.names.concat([key]);
      this.values = this.values.concat([value]);
    }
  }

  delete(key: K): boolean {
    if (this.grown) return this.grown.delete(key);
    const place = this.names.indexOf(key);
    if (place === -1) return false;
    this.names = this.names.filter((_, at) => at !== place);
    this.values = this.values.filter((_, at) => at !== place);
    return true;
  }

  private grow(): Map<K, V> {
    this.grown = new Map(this.names.map((name, place) => [name, this.values[place] as V]));
    this.names = [];
    this.values = [];
    return this.grown;
  }
}
