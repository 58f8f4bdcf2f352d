import type { Millis } from "../engine/types.ts";

/** Bounds of the wait before the tracker is tried again, in milliseconds. */
export const BACKOFF = {
  firstMs: 500,
  mostMs: 15_000,
  /** A tracker that is full, or finds us too fast, is given at least this bound. */
  refusedMs: 8_000,
  /** After a connection that was welcome the bound is at least this: all who were on that process come back at once. */
  spreadMs: 2_000,
  /** A connection that was welcome for so long starts again from the shortest wait. */
  steadyMs: 10_000,
} as const;

export type Backoff = {
  /** How long to wait now. The bound doubles each time. `atLeast`: raises the bound of this and later waits. */
  readonly next: (atLeast?: Millis) => Millis;
  readonly reset: () => void;
};

/**
 * Exponential backoff with full jitter: each wait is uniform between 0 and the bound, so that viewers who lost one tracker at the
 * same moment come back spread out. `random` gives 0 to 1.
 */
export function createBackoff(random: () => number): Backoff {
  let bound: number = BACKOFF.firstMs;
  return {
    next(atLeast = 0) {
      bound = Math.min(BACKOFF.mostMs, Math.max(bound, atLeast));
      const wait = random() * bound;
      bound = Math.min(BACKOFF.mostMs, bound * 2);
      return wait;
    },
    reset() {
      bound = BACKOFF.firstMs;
    },
  };
}
