import type { Effect, Engine, EngineEvent, Millis } from "../engine/types.ts";
import type { Clock } from "./ports.ts";

/** Longest timer that is set; a later wish of the engine is looked at again then. */
const LONGEST_TIMER_MS = 60_000;

/** Turns events into effects, one event at a time. */
export type Driver = {
  /** Tells the engine; when it is busy, right after what it is at. */
  readonly feed: (event: EngineEvent) => void;
  /** Nothing reaches the engine after this. */
  readonly stop: () => void;
};

export type DriverParts = {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly carryOut: (effect: Effect) => void;
  /** The engine or a port threw. The driver has stopped. */
  readonly onFault: (error: unknown) => void;
};

/** Makes the loop around an engine: events in, effects carried out in order, and one timer for `wakeAt`. */
export function createDriver({ engine, clock, carryOut, onFault }: DriverParts): Driver {
  const queue: EngineEvent[] = [];
  let busy = false;
  let stopped = false;
  let timer: { readonly at: Millis; readonly cancel: () => void } | undefined;

  const stop = (): void => {
    stopped = true;
    queue.length = 0;
    timer?.cancel();
    timer = undefined;
  };

  const drain = (): void => {
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      for (const effect of engine.handle(event, clock.now())) {
        if (stopped) return;
        carryOut(effect);
      }
    }
  };

  const arm = (): void => {
    const at = engine.wakeAt();
    if (at === Number.POSITIVE_INFINITY || (timer !== undefined && timer.at <= at)) return;
    timer?.cancel();
    const ms = Math.min(LONGEST_TIMER_MS, Math.max(1, Math.ceil(at - clock.now())));
    timer = { at, cancel: clock.after(ms, ring) };
  };

  /** Most events move `wakeAt`, mostly to later: a timer that rings too early is set anew, which costs less than each time. */
  function ring(): void {
    timer = undefined;
    if (engine.wakeAt() <= clock.now()) feed({ t: "tick" });
    else arm();
  }

  const feed = (event: EngineEvent): void => {
    if (stopped) return;
    queue.push(event);
    if (busy) return;
    busy = true;
    try {
      drain();
      if (!stopped) arm();
    } catch (error) {
      stop();
      onFault(error);
    } finally {
      busy = false;
    }
  };

  return { feed, stop };
}
