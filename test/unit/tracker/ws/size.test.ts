import { expect, test } from "vitest";
import { startTracker } from "../support/tracker.ts";

test("in a small swarm everybody comes to know the exact size", async () => {
  const { connect } = await startTracker();
  const first = await connect();
  await first.join();
  for (let viewer = 2; viewer <= 5; viewer++) await (await connect()).join();
  let size = 1;
  while (size < 5) {
    const next = (await first.next("swarm")).size;
    expect(next).toBeGreaterThan(size);
    size = next;
  }
});

test("a gust of newcomers is one message, not one each", async () => {
  const { connect } = await startTracker({ timings: { sizeSettleMs: 500, sizeMs: 500 } });
  const first = await connect();
  await first.join();
  const crowd = await Promise.all(Array.from({ length: 9 }, () => connect()));
  await Promise.all(crowd.map((client) => client.join()));
  expect((await first.next("swarm")).size).toBe(10);
  expect(first.waiting.filter((message) => "t" in message && message.t === "swarm")).toEqual([]);
});
