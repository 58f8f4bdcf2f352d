/** A timer that fires so much too late, as a share of its time, says that this process was held up, not the other side. */
const HELD_UP = 0.25;

/**
 * Settles like `promise`, or rejects with `late()` when that takes longer than `ms` milliseconds. The time begins anew, once,
 * when this process was held up meanwhile: the answer may have arrived and not been read yet.
 */
export function inTime<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    let timer = setTimeout(() => {
      if (performance.now() - start < ms * (1 + HELD_UP)) reject(late());
      else timer = setTimeout(() => reject(late()), ms);
    }, ms);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
