/** When calls may go to Redis: undefined for now, else a promise of the next moment. */
export type NextGust = () => Promise<void> | undefined;

/**
 * Lets calls go in gusts, `ms` milliseconds apart: while there are few each goes at once, and in a rush those of a moment leave in one
 * write, are read by Redis in one go and answered likewise. A write that wakes the other side up costs as much as ten calls.
 */
export function createGusts(ms: number): NextGust {
  let last = Number.NEGATIVE_INFINITY;
  let next: Promise<void> | undefined;
  return () => {
    if (next) return next;
    const left = last + ms - performance.now();
    if (left <= 0) {
      last = performance.now();
      return undefined;
    }
    next = new Promise((resolve) => {
      setTimeout(() => {
        next = undefined;
        last = performance.now();
        resolve();
      }, left);
    });
    return next;
  };
}
