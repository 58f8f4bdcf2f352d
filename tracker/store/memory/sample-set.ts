import { type Random, sampleIndexes } from "../../swarm/index.ts";

/** A set that can be drawn from at random: add, remove and each drawn item take constant time. */
export type SampleSet<T> = {
  readonly add: (item: T) => void;
  readonly remove: (item: T) => void;
  readonly size: () => number;
  /** Up to `count` different items, each as likely as any other. */
  readonly draw: (count: number, random: Random) => T[];
};

export function createSampleSet<T>(): SampleSet<T> {
  const items: T[] = [];
  const places = new Map<T, number>();
  return {
    add(item) {
      if (places.has(item)) return;
      places.set(item, items.length);
      items.push(item);
    },
    remove(item) {
      const place = places.get(item);
      const last = items.pop();
      if (place === undefined || last === undefined) {
        if (last !== undefined) items.push(last);
        return;
      }
      places.delete(item);
      if (last === item) return;
      items[place] = last;
      places.set(last, place);
    },
    size: () => items.length,
    draw(count, random) {
      const drawn: T[] = [];
      for (const index of sampleIndexes(items.length, count, random)) {
        const item = items[index];
        if (item !== undefined) drawn.push(item);
      }
      return drawn;
    },
  };
}
