/** A map of more entries than this is divided. */
const UNDIVIDED = 1024;
/** A power of two, so that a key's part is told by its bits. */
const PARTS = 256;

/**
 * A map by ids, in no order, that may come to hold tens of thousands. A `Map` that is full moves all its entries at once, and those of
 * one process are full at the same moment: joins then waited for 10 to 40 ms. The parts of this one are small, and each is full at another time.
 */
export class WideMap<K extends string, V> {
  private parts: readonly Map<K, V>[] = [new Map()];
  private entries = 0;

  get size(): number {
    return this.entries;
  }

  get(key: K): V | undefined {
    return this.partOf(key).get(key);
  }

  has(key: K): boolean {
    return this.partOf(key).has(key);
  }

  set(key: K, value: V): void {
    const part = this.partOf(key);
    const before = part.size;
    part.set(key, value);
    this.entries += part.size - before;
    if (this.entries > UNDIVIDED && this.parts.length === 1) this.divide();
  }

  delete(key: K): boolean {
    const deleted = this.partOf(key).delete(key);
    if (deleted) this.entries -= 1;
    return deleted;
  }

  /** Whoever is added or deleted meanwhile may be among them or not. */
  *keys(): Generator<K> {
    for (const part of this.parts) yield* part.keys();
  }

  *values(): Generator<V> {
    for (const part of this.parts) yield* part.values();
  }

  private partOf(key: K): Map<K, V> {
    const { parts } = this;
    return parts[parts.length === 1 ? 0 : partOf(key)] as Map<K, V>;
  }

  private divide(): void {
    const whole = this.parts;
    this.parts = Array.from({ length: PARTS }, () => new Map<K, V>());
    for (const part of whole) for (const [key, value] of part) this.partOf(key).set(key, value);
  }
}

/** Told by the last two characters, which of ids are drawn by chance. Ids that end alike share a part, which then grows as any `Map` does. */
function partOf(key: string): number {
  const end = key.length;
  return (key.charCodeAt(end - 1) * 31 + key.charCodeAt(end - 2)) & (PARTS - 1);
}
