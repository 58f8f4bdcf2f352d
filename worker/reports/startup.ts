/**
 * Startup times as a histogram that merges by addition: bins grow by `GROWTH`, so that a quantile is off by at most
 * `STARTUP_ERROR` of its value, whatever the value. 600 s end in bin 273.
 */
const GROWTH = 1.05;
const LOG_GROWTH = Math.log(GROWTH);

/** Largest relative error of a quantile of times of 1 ms and more: (g - 1) / (g + 1), here 2.44 %. */
export const STARTUP_ERROR = (GROWTH - 1) / (GROWTH + 1);

/** Count by bin. Bin 0 holds 0 ms; bin n holds times in (g^(n-2), g^(n-1)] milliseconds. */
export type Startup = Map<number, number>;

const binOf = (ms: number): number => (ms < 1 ? 0 : 1 + Math.ceil(Math.log(ms) / LOG_GROWTH));

/** The value whose distance to both ends of the bin is the same fraction of that end. */
const midOf = (bin: number): number => (bin === 0 ? 0 : (2 * GROWTH ** (bin - 1)) / (GROWTH + 1));

/** Counts one startup of `ms` milliseconds (a non-negative number) in `startup`. */
export const addStartup = (startup: Startup, ms: number): void => {
  const bin = binOf(ms);
  startup.set(bin, (startup.get(bin) ?? 0) + 1);
};

/** Adds the counts of `from` to `into`. */
export const addStartups = (into: Startup, from: ReadonlyMap<number, number>): void => {
  for (const [bin, count] of from) into.set(bin, (into.get(bin) ?? 0) + count);
};

/**
 * Quantile by nearest rank: the time that `ceil(q * n)` of the `n` sessions did not exceed, in milliseconds, within
 * `STARTUP_ERROR`. `q` is in (0, 1]; null when nothing was counted.
 */
export const startupQuantile = (startup: ReadonlyMap<number, number>, q: number): number | null => {
  const bins = [...startup].sort(([a], [b]) => a - b);
  const total = bins.reduce((sum, [, count]) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(q * total));
  let passed = 0;
  for (const [bin, count] of bins) {
    passed += count;
    if (passed >= rank) return midOf(bin);
  }
  return null;
};
