import { expect, test } from "vitest";
import type { Effect, EngineEvent } from "../../../../player/engine/types.ts";
import { createDriver } from "../../../../player/session/driver.ts";
import { BOB, manualClock, scriptedEngine, unexpected } from "./fakes.ts";

const SEND: Effect = { t: "send", peer: BOB, frame: { t: "cancel", id: 1 } };
const DROP: Effect = { t: "drop", peer: BOB, reason: "useless" };

test("an event raised while effects are carried out is handled after all of them", () => {
  const log: string[] = [];
  const engine = scriptedEngine((event) => (event.t === "tick" ? [DROP, SEND] : []));
  const driver = createDriver({
    engine,
    clock: manualClock(),
    carryOut: (effect) => {
      log.push(effect.t);
      if (effect.t === "drop") {
        driver.feed({ t: "peer-closed", peer: BOB });
        log.push(`engine has seen ${engine.events.length}`);
      }
    },
    onFault: unexpected,
  });
  driver.feed({ t: "tick" });
  expect(log).toEqual(["drop", "engine has seen 1", "send"]);
  expect(engine.events.map(({ t }) => t)).toEqual(["tick", "peer-closed"]);
});

/** A driver whose engine was asked to be woken in so many milliseconds, event by event, and not again after a tick. */
function wokenIn(...waits: readonly number[]) {
  const clock = manualClock();
  const engine = scriptedEngine(({ t }) => {
    if (t === "tick") engine.wake = Number.POSITIVE_INFINITY;
    return [];
  });
  const driver = createDriver({ engine, clock, carryOut: unexpected, onFault: unexpected });
  for (const [i, ms] of waits.entries()) {
    engine.wake = clock.now() + ms;
    driver.feed({ t: "swarm", size: i });
  }
  const ticks = (): number => engine.events.filter(({ t }) => t === "tick").length;
  return { clock, ticks };
}

test.each<[string, readonly number[]]>([
  ["sooner", [500, 200]],
  ["later", [100, 200]],
  ["never, then again", [100, Number.POSITIVE_INFINITY, 200]],
])("one timer follows wakeAt when it moves to %s, and a tick comes when it is due and not before", (_, waits) => {
  const { clock, ticks } = wokenIn(...waits);
  expect(clock.timers()).toBe(1);
  clock.advance(199);
  expect(ticks()).toBe(0);
  clock.advance(1);
  expect(ticks()).toBe(1);
  clock.advance(1000);
  expect(ticks()).toBe(1);
  expect(clock.timers()).toBe(0);
});

test("an engine that wants to be woken in the past is not woken in a loop", () => {
  const clock = manualClock();
  const engine = scriptedEngine();
  engine.wake = clock.now() - 50;
  const driver = createDriver({ engine, clock, carryOut: unexpected, onFault: unexpected });
  driver.feed({ t: "tick" });
  expect(engine.events).toHaveLength(1);
  clock.advance(10);
  expect(engine.events.length).toBeLessThanOrEqual(11);
});

test.each<["engine" | "port"]>([["engine"], ["port"]])(
  "what the %s throws stops the driver and is told once",
  (who) => {
    const faults: unknown[] = [];
    const boom = new Error("boom");
    const clock = manualClock();
    const engine = scriptedEngine((event) => {
      if (event.t === "swarm" && who === "engine") throw boom;
      return event.t === "swarm" ? [SEND] : [];
    });
    const driver = createDriver({
      engine,
      clock,
      carryOut: () => {
        if (who === "port") throw boom;
      },
      onFault: (error) => faults.push(error),
    });
    engine.wake = clock.now() + 100;
    driver.feed({ t: "tick" });
    const event: EngineEvent = { t: "swarm", size: 1 };
    driver.feed(event);
    driver.feed(event);
    expect(faults).toEqual([boom]);
    expect(engine.events).toHaveLength(2);
    expect(clock.timers()).toBe(0);
  },
);

test("effects that are left when the driver is stopped by one of them are not carried out", () => {
  const done: string[] = [];
  const engine = scriptedEngine(() => [DROP, SEND]);
  const driver = createDriver({
    engine,
    clock: manualClock(),
    carryOut: (effect) => {
      done.push(effect.t);
      driver.stop();
    },
    onFault: unexpected,
  });
  driver.feed({ t: "tick" });
  expect(done).toEqual(["drop"]);
});
