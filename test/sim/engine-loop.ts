import type { Effect, Engine, EngineEvent } from "../../player/engine/types.ts";
import type { Audit } from "./audit.ts";
import type { Timeline } from "./queue.ts";

/** Calls of engines so far, and the time they took by `stopwatch`, in milliseconds. */
export type Work = { calls: number; ms: number; readonly stopwatch: () => number };

export type Loop = {
  readonly feed: (event: EngineEvent) => void;
  /** Nothing reaches the engine after this. */
  readonly stop: () => void;
};

/** As the session's driver in virtual time: one event at a time, effects in order, and a timer for `wakeAt`. */
export function createLoop(of: {
  readonly time: Timeline;
  readonly engine: Engine;
  readonly audit: Audit;
  readonly work: Work;
  readonly carryOut: (effect: Effect) => void;
}): Loop {
  const { time, engine, audit, work, carryOut } = of;
  /** Events that came while the engine was busy. */
  const waiting: EngineEvent[] = [];
  let busy = false;
  let stopped = false;
  /** Timers that wait in the queue, which takes nothing back: the one that is due next is the last here. */
  const timers: number[] = [];

  const feed = (event: EngineEvent): void => {
    if (stopped) return;
    if (busy) {
      waiting.push(event);
      return;
    }
    busy = true;
    handle(event);
    for (let next = waiting.shift(); next !== undefined && !stopped; next = waiting.shift()) handle(next);
    busy = false;
    if (!stopped) arm();
  };

  const handle = (event: EngineEvent): void => {
    const began = work.stopwatch();
    const effects = engine.handle(event, time.now());
    work.ms += work.stopwatch() - began;
    work.calls++;
    audit.handled(event, effects);
    for (const effect of effects) if (!stopped) carryOut(effect);
  };

  /** Sees to it that a timer waits for `wakeAt`, or an earlier one that will look again. */
  const arm = (): void => {
    const wake = engine.wakeAt();
    if (wake === Number.POSITIVE_INFINITY) return;
    const due = time.now() + Math.max(1, Math.ceil(wake - time.now()));
    const first = timers.at(-1);
    if (first !== undefined && due >= first) return;
    timers.push(due);
    time.at(due, ring);
  };

  const ring = (): void => {
    timers.pop();
    if (stopped) return;
    if (engine.wakeAt() <= time.now()) feed(TICK);
    else arm();
  };

  return {
    feed,
    stop: () => {
      stopped = true;
    },
  };
}

const TICK: EngineEvent = { t: "tick" };
