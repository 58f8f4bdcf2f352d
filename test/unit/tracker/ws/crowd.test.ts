import { expect, onTestFinished, test, vi } from "vitest";
import { inGusts } from "../../../../tracker/ws/gusts.ts";
import { type Beating, startHeartbeat } from "../../../../tracker/ws/heartbeat.ts";
import { renewAll } from "../../../../tracker/ws/leases.ts";
import { peerId, swarmId } from "../support/values.ts";

/** What a crowd costs in one piece is time in which nobody else is heard. */

test("those who came all at once are pinged a few at a time, and each once in a round", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const heartbeat = startHeartbeat(16_000);
  let pings = 0;
  const crowd = Array.from(
    { length: 1600 },
    (): Beating => ({ unanswered: 0, spoke: 0, ping: () => pings++, cut: () => undefined }),
  );
  for (const one of crowd) heartbeat.add(one);
  for (let second = 1; second <= 16; second++) {
    vi.advanceTimersByTime(1000);
    await expect.poll(() => pings, { interval: 1 }).toBe(second * 100);
  }
  for (const one of crowd.slice(0, 800)) heartbeat.remove(one);
  vi.advanceTimersByTime(16_000);
  await expect.poll(() => pings, { interval: 1 }).toBe(1600 + 800);
  heartbeat.stop();
});

test("while many are told something, others are heard", async () => {
  const told: number[] = [];
  const heardAfter: number[] = [];
  const listen = setInterval(() => heardAfter.push(told.length), 0);
  await inGusts(
    Array.from({ length: 20_000 }, (_, index) => index),
    (item) => void told.push(item),
  );
  clearInterval(listen);
  expect(told).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
  expect(heardAfter.length).toBeGreaterThan(1);
});

test("a store that answers at once renews a crowd call by call, and others are heard in between", async () => {
  const here = swarmId("here");
  const peers = new Map(Array.from({ length: 2000 }, (_, index) => [peerId(`v${index}`), undefined]));
  const renewed: number[] = [];
  const heardAfter: number[] = [];
  const context = {
    registry: { swarms: () => new Map([[here, peers]]) },
    store: {
      async renew(_: unknown, part: readonly unknown[]) {
        renewed.push(part.length);
        setImmediate(() => heardAfter.push(renewed.length));
        return [];
      },
    },
    sizeNews: { touch: () => undefined },
    failures: { note: () => undefined },
  };
  expect(await renewAll(context as never)).toBe("renewed");
  expect(renewed.reduce((sum, part) => sum + part, 0)).toBe(2000);
  expect(heardAfter).toEqual(renewed.map((_, call) => call + 1));
});
