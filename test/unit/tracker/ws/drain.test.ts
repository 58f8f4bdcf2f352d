import { expect, test } from "vitest";
import { createMemoryStore } from "../../../../tracker/index.ts";
import { startTracker } from "../support/tracker.ts";
import { sample } from "../support/values.ts";

test("draining sends everybody away with 4503 and refuses newcomers the same way", async () => {
  const { tracker, connect } = await startTracker();
  expect(await tracker.ready()).toBe("ready");
  const [joined, silent] = [await connect(), await connect()];
  await joined.join();
  const drained = tracker.drain();
  expect((await joined.closed).code).toBe(4503);
  expect((await silent.closed).code).toBe(4503);
  expect((await (await connect()).closed).code).toBe(4503);
  expect(await tracker.ready()).toEqual({ reason: "draining" });
  await drained;
});

test("samples that wait for a full batch reach the sink before the tracker has closed", async () => {
  const { tracker, connect, kept } = await startTracker({ timings: { batchMs: 60_000 } });
  const client = await connect();
  await client.join();
  client.send({ t: "report", samples: [sample()] });
  await client.fence();
  expect(kept).toHaveLength(0);
  await tracker.close();
  expect(kept).toHaveLength(1);
});

test("after the close nobody is left in the store", async () => {
  const store = createMemoryStore();
  const swarms = new Set<Parameters<typeof store.join>[0]>();
  const { tracker, connect } = await startTracker({
    store: { ...store, join: (swarm, member) => store.join(swarms.add(swarm) && swarm, member) },
  });
  for (let viewer = 0; viewer < 3; viewer++) await (await connect()).join();
  await tracker.close();
  expect(swarms.size).toBe(1);
  for (const swarm of swarms) expect(await store.size(swarm)).toBe(0);
});

test("the close waits for the store to let everybody go", async () => {
  const store = createMemoryStore();
  const held: (() => void)[] = [];
  const { tracker, connect } = await startTracker({
    store: {
      ...store,
      leave: async (...args) => {
        await new Promise<void>((resolve) => held.push(resolve));
        await store.leave(...args);
      },
    },
  });
  const viewer = await connect();
  await viewer.join();
  let state = "open";
  const closing = tracker.close().then(() => {
    state = "closed";
  });
  await viewer.closed;
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  expect(state).toBe("open");
  expect(held).toHaveLength(1);
  held[0]?.();
  await closing;
});

test("a viewer that does not agree to close is cut", async () => {
  const { tracker, connect } = await startTracker({ timings: { closeMs: 20 } });
  const stubborn = await connect();
  await stubborn.join();
  stubborn.socket.pause();
  await tracker.close();
  stubborn.socket.resume();
  await stubborn.closed;
});

test("a tracker whose mailbox the store does not open yet is degraded, until it does", async () => {
  const store = createMemoryStore();
  let broken = true;
  const { tracker } = await startTracker({
    timings: { retryMs: 20 },
    store: { ...store, attach: (...args) => (broken ? Promise.reject(new Error("refused")) : store.attach(...args)) },
  });
  expect(await tracker.ready()).toEqual({ degraded: expect.stringContaining("cannot reach") });
  broken = false;
  await expect.poll(() => tracker.ready()).toBe("ready");
});
