import type { Clock } from "../session/ports.ts";

/** The browser's clock: `performance.now()`, which hls.js uses too. */
export const browserClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
