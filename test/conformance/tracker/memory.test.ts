import { expect, test } from "vitest";
import { createMemoryStore, type SwarmStore, withFallback } from "../../../tracker/store/index.ts";
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

test("a swarm of 20,000 in memory: each join costs as little as the first", { timeout: 60_000 }, async () => {
  const store = createMemoryStore();
  const swarm = swarmId("big");
  const locality = (viewer: number) => ({ address: `a${viewer % 5000}`, prefix: `p${viewer % 300}`, country: "AU" });
  const members = Array.from({ length: 20_000 }, (_, viewer) => member(`v${viewer}`, { locality: locality(viewer) }));
  /** Joins of one stretch, in milliseconds for each hundred; the quickest counts, since a busy machine only adds. */
  const quickest = async (from: number, to: number): Promise<number> => {
    let best = Number.POSITIVE_INFINITY;
    for (let at = from; at < to; at += 100) {
      const start = performance.now();
      for (const one of members.slice(at, at + 100)) await store.join(swarm, one);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  await quickest(0, 1000);
  const early = await quickest(1000, 3000);
  await quickest(3000, 18_000);
  const late = await quickest(18_000, 20_000);
  expect(await store.size(swarm)).toBe(20_000);
  // A join that walks the swarm takes ten times as long late as early.
  expect(late).toBeLessThan(early * 4);
  for (const one of members) await store.leave(swarm, one.id);
  expect(await store.size(swarm)).toBe(0);
});
