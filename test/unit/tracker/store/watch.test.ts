import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Connection } from "../../../../tracker/store/redis/connection/connection.ts";
import { createWatch } from "../../../../tracker/store/redis/connection/watch.ts";
import { REDIS_LIMITS } from "../../../../tracker/store/redis/options.ts";

const limits = { ...REDIS_LIMITS, callMs: 60, lookMs: 60_000 };

/** A watch over one node, which has just been asked and answers when it is told to. */
function setup() {
  let answer = (): void => undefined;
  const node = {
    name: "node",
    ping: () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
  };
  const connection: Pick<Connection, "nodes"> = { nodes: () => [node] };
  const watch = createWatch(connection, limits, () => undefined);
  onTestFinished(watch.stop);
  return { watch, answer: () => answer() };
}

test("a node that takes too long is silent, until its answer comes after all", async () => {
  const { watch, answer } = setup();
  await pause(limits.callMs / 2);
  expect(watch.silent()).toBe("none");
  await expect.poll(watch.silent).toBe("all");
  answer();
  await expect.poll(watch.silent).toBe("none");
});

test("a process that was held up itself does not call a node silent before its answer can have been read", async () => {
  const { watch, answer } = setup();
  const until = performance.now() + limits.callMs * 2;
  while (performance.now() < until) JSON.parse("[]");
  expect(watch.silent()).toBe("none");
  await pause(1);
  expect(watch.silent()).toBe("none");
  answer();
  await pause(limits.callMs * 2);
  expect(watch.silent()).toBe("none");
});
