import type { Clock } from "../../../../player/session/ports.ts";

/** A clock that stands still until it is told to go on. */
export type FakeClock = Clock & {
  /** Moves time on, running what falls due in order. */
  readonly advance: (ms: number) => void;
  /** Times at which something is due. */
  readonly due: () => readonly number[];
};

export function fakeClock(): FakeClock {
  type Timer = { readonly at: number; readonly callback: () => void };
  const timers = new Set<Timer>();
  let now = 0;
  const next = (): Timer | undefined => [...timers].sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
        timers.delete(timer);
        now = timer.at;
        timer.callback();
      }
      now = end;
    },
    due: () => [...timers].map((timer) => timer.at).sort((a, b) => a - b),
  };
}

/** The real one, for links that are really made. */
export const realClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
