import { expect, test } from "vitest";
import { createMemoryStore } from "../../../tracker/store/index.ts";
import { digest, member, peerId, segmentId, swarmId } from "../../unit/tracker/support/values.ts";
import { describeStore } from "./store.ts";

describeStore("memory", async () => {
  let now = 1_700_000_000_000;
  const leaseMs = 45_000;
  return {
    store: createMemoryStore({ clock: () => now, leaseMs }),
    leaseMs,
    advance: async (ms) => {
      now += ms;
    },
  };
});

test("a swarm in memory ends with its last member, whether it left or its lease ran out, and takes its digests with it", async () => {
  let now = 0;
  const store = createMemoryStore({ clock: () => now, leaseMs: 100 });
  const swarm = swarmId("short");
  const segment = segmentId("s");
  const claim = { viewer: peerId("a"), segment, bytes: 1, from: 0, digests: [digest("d")] };
  const ends = [
    () => store.leave(swarm, peerId("a")),
    async () => {
      now += 200;
    },
  ];
  for (const end of ends) {
    await store.join(swarm, member("a"));
    await store.publish(swarm, claim);
    expect((await store.digests(swarm, [segment]))[0]?.verdict).toBe("agreed");
    await end();
    await store.join(swarm, member("b"));
    expect((await store.digests(swarm, [segment]))[0]?.verdict).toBe("unknown");
    await store.leave(swarm, peerId("b"));
  }
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
