import { expect, test } from "vitest";
import { createMemoryStore } from "../../../../tracker/index.ts";
import { startTracker } from "../support/tracker.ts";

/** Two tracker processes as far as the store can tell: nothing but its port connects them. */
async function twoNodes() {
  let now = 1_700_000_000_000;
  const clock = () => now;
  const store = createMemoryStore({ clock, leaseMs: 1000 });
  const options = { store, clock, config: { swarmSecret: "shared by both trackers" }, timings: { renewMs: 10 } };
  const nodes = [await startTracker(options), await startTracker(options)] as const;
  return {
    nodes,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

test("viewers on two trackers meet, signal, and part", async () => {
  const { nodes } = await twoNodes();
  const [first, second] = [await nodes[0].connect(), await nodes[1].connect()];
  const a = await first.join();
  const b = await second.join();
  expect(a.id.slice(0, 4)).not.toBe(b.id.slice(0, 4));
  expect(b).toMatchObject({ size: 2, neighbours: [{ id: a.id, near: "lan" }] });
  expect((await first.next("introduced")).neighbour.id).toBe(b.id);

  second.signal(a.id, "offer");
  expect(await first.nextSignal()).toEqual({ peer: b.id, payload: "offer" });
  first.signal(b.id, "answer");
  expect(await second.nextSignal()).toEqual({ peer: a.id, payload: "answer" });
  expect(await nodes[0].metric("relays_total", { path: "remote" })).toBe(1);

  await second.close();
  first.signal(b.id, "still there?");
  expect(await first.next("error")).toMatchObject({ code: "peer-gone", peer: b.id });
});

test("a viewer hears how the swarm grows on another tracker", async () => {
  const { nodes } = await twoNodes();
  const first = await nodes[0].connect();
  await first.join();
  await (await nodes[1].connect()).join();
  expect((await first.next("swarm")).size).toBe(2);
});

test("a tracker that is gone is peer-gone for the others' signals", async () => {
  const { nodes } = await twoNodes();
  const [first, second] = [await nodes[0].connect(), await nodes[1].connect()];
  await first.join();
  const b = await second.join();
  await nodes[1].tracker.close();
  first.signal(b.id, "still there?");
  expect(await first.next("error")).toMatchObject({ code: "peer-gone", peer: b.id });
});

test("a member that the store has lost is brought back while its socket is open", async () => {
  const { nodes, advance } = await twoNodes();
  const first = await nodes[0].connect();
  const a = await first.join();
  for (let renewals = 0; renewals < 3; renewals++) {
    // Longer than the lease in one step: the store has lost the viewer until the next renewal.
    advance(1500);
    await expect
      .poll(async () => (await (await nodes[1].connect()).join()).neighbours.map(({ id }) => id))
      .toContain(a.id);
  }
});
