import { expect, test } from "vitest";
import { createMemoryStore, type SwarmStore, withFallback } from "../../../tracker/store/index.ts";
import { median } from "../../bench/tracker/median.ts";
import { member, swarmId } from "../../unit/tracker/support/values.ts";
import { describeStore } from "./store.ts";

function inMemory() {
  let now = 1_700_000_000_000;
  const leaseMs = 45_000;
  return {
    store: createMemoryStore({ clock: () => now, leaseMs }),
    leaseMs,
    advance: async (ms: number) => {
      now += ms;
    },
  };
}

describeStore("memory", async () => {
  const memory = inMemory();
  return { ...memory, other: memory.store };
});

describeStore("a store with a fallback that is not needed", async () => {
  const memory = inMemory();
  const failed = (_: string, error: unknown): never => {
    throw error;
  };
  const own = (): SwarmStore => withFallback(memory.store, { onFailure: failed });
  return { ...memory, store: own(), other: own() };
});

test("a swarm of 100,000 in memory: each join costs as little as in one of 5,000", { timeout: 60_000 }, async () => {
  const swarm = swarmId("crowd");
  /** As many are behind one address and in one network, however large the swarm is. */
  const swarmOf = async (size: number) => {
    const store = createMemoryStore();
    const locality = (viewer: number) => ({
      address: `a${viewer % (size / 4)}`,
      prefix: `p${viewer % (size / 50)}`,
      country: "AU",
    });
    const members = Array.from({ length: size }, (_, viewer) => member(`v${viewer}`, { locality: locality(viewer) }));
    for (const one of members) await store.join(swarm, one);
    const times: number[] = [];
    /** Fifty leave and come back. */
    const joinSome = async (round: number): Promise<void> => {
      const some = members.slice((round * 50) % size).slice(0, 50);
      for (const one of some) await store.leave(swarm, one.id);
      const start = performance.now();
      for (const one of some) await store.join(swarm, one);
      times.push(performance.now() - start);
    };
    return { store, members, joinSome, usual: () => median(times) };
  };
  const [small, large] = [await swarmOf(5000), await swarmOf(100_000)];
  // In turns: a machine that is busy for a while is so for both.
  for (let round = 0; round < 40; round++) {
    await small.joinSome(round);
    await large.joinSome(round);
  }
  expect(await large.store.size(swarm)).toBe(100_000);
  // A join that walks the swarm takes ten times as long in the large one.
  expect(large.usual()).toBeLessThan(small.usual() * 4);
  for (const one of large.members) await large.store.leave(swarm, one.id);
  expect(await large.store.size(swarm)).toBe(0);
});
