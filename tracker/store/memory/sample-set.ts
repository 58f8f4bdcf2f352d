import { type Random, sampleIndexes, WideMap } from "../../swarm/index.ts";

/** Sets up to this size are searched from end to end: quicker than looking up a place, and a place each costs memory. */
const SMALL = 16;

/**
 * A set that can be drawn from at random: add, remove and each drawn item take constant time. Of items with one id it is given the same
 * object each time. A class, since most swarms hold one such set for nearly every address.
 */
export class SampleSet<T extends Item> {
  private items: T[];
  /** Where each item stands, once there are more than a few. */
  private places: WideMap<string, number> | undefined;

  constructor(...items: T[]) {
    this.items = items;
  }

  size(): number {
    return this.items.length;
  }

  add(item: T): void {
    if (this.placeOf(item) !== -1) return;
    if (this.places) this.places.set(idOf(item), this.items.push(item) - 1);
    // A list that is pushed to keeps room for sixteen more.
    else this.items = this.items.concat([item]);
    if (this.items.length > SMALL) this.places ??= placesOf(this.items);
  }

  remove(item: T): void {
    const { items, places } = this;
    const place = this.placeOf(item);
    const last = place === -1 ? undefined : items.pop();
    if (last === undefined) return;
    places?.delete(idOf(item));
    if (place === items.length) return;
    items[place] = last;
    places?.set(idOf(last), place);
  }

  /** Up to `count` different items, each as likely as any other. */
  draw(count: number, random: Random): readonly T[] {
    const { items } = this;
    if (count >= items.length) return items;
    const drawn: T[] = [];
    for (const index of sampleIndexes(items.length, count, random)) {
      const item = items[index];
      if (item !== undefined) drawn.push(item);
    }
    return drawn;
  }

  private placeOf(item: T): number {
    return this.places ? (this.places.get(idOf(item)) ?? -1) : this.items.indexOf(item);
  }
}

type Item = string | { readonly id: string };

const idOf = (item: Item): string => (typeof item === "string" ? item : item.id);

function placesOf(items: readonly Item[]): WideMap<string, number> {
  const places = new WideMap<string, number>();
  for (const [place, item] of items.entries()) places.set(idOf(item), place);
  return places;
}
