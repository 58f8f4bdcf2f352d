import type { SwarmStore } from "../../../../tracker/store/index.ts";
import type { Member } from "../../../../tracker/swarm/index.ts";
import { swarmId } from "../../../unit/tracker/support/values.ts";

/** A store to be tried, with a way to let time pass for it. */
export type StoreUnderTest = {
  readonly store: SwarmStore;
  /** The same swarms, as another process sees them. */
  readonly other: SwarmStore;
  /** How long its leases last, in milliseconds. */
  readonly leaseMs: number;
  readonly advance: (ms: number) => Promise<void>;
};

/** Makes an empty store. `short` leases are for tests that let them run out, `long` ones outlast a test. */
export type Create = (leases?: "short" | "long") => Promise<StoreUnderTest>;

export const HERE = swarmId("here");
export const THERE = swarmId("there");
export const some = (count: number, make: (index: number) => Member): Member[] =>
  Array.from({ length: count }, (_, i) => make(i));
/** Many at a time, but not so many that a busy machine answers the last of them too late. */
export async function joinAll(store: SwarmStore, members: readonly Member[]): Promise<void> {
  for (let from = 0; from < members.length; from += 200) {
    await Promise.all(members.slice(from, from + 200).map((one) => store.join(HERE, one)));
  }
}
export const ids = (members: readonly { id: string }[]): string[] => members.map(({ id }) => id).sort();
