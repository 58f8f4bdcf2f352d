import type { Cell } from "./cell.ts";

/**
 * Times as histograms that merge by addition: bins grow by `GROWTH`, so that a quantile is off by at most
 * `QUANTILE_ERROR` of its value, whatever the value. 600 s end in bin 273, a day in bin 376.
 */
const GROWTH = 1.05;
const LOG_GROWTH = Math.log(GROWTH);

/** Largest relative error of a quantile of times of 1 ms and more: (g - 1) / (g + 1), here 2.44 %. */
export const QUANTILE_ERROR = (GROWTH - 1) / (GROWTH + 1);

/** Bin 0 holds 0 ms; bin n holds times in (g^(n-2), g^(n-1)] milliseconds. */
export type Bin = number;

/** Which of a cell's histograms. */
export type Histogram = "startup" | "stall";

/** Bin of a time of `ms` milliseconds, a non-negative number. */
export const binOf = (ms: number): Bin => (ms < 1 ? 0 : 1 + Math.ceil(Math.log(ms) / LOG_GROWTH));

/** The value whose distance to both ends of the bin is the same fraction of that end. */
const midOf = (bin: Bin): number => (bin === 0 ? 0 : (2 * GROWTH ** (bin - 1)) / (GROWTH + 1));

/**
 * Quantiles by nearest rank: the time that `ceil(q * n)` of the `n` times did not exceed, in milliseconds, within
 * `QUANTILE_ERROR`. Each `q` is in (0, 1]; null when nothing was counted.
 */
export const quantiles = <Q extends number>(cell: Cell, histogram: Histogram, qs: readonly Q[]): (number | null)[] => {
  const bins = binsOf(cell, histogram);
  const total = bins.reduce((sum, [, count]) => sum + count, 0);
  return qs.map((q) => {
    const rank = Math.max(1, Math.ceil(q * total));
    let passed = 0;
    for (const [bin, count] of bins) {
      passed += count;
      if (passed >= rank) return midOf(bin);
    }
    return null;
  });
};

const binsOf = ({ counts }: Cell, histogram: Histogram): [Bin, number][] => {
  const prefix = `${histogram}.`;
  const bins: [Bin, number][] = [];
  for (const [counter, count] of counts) {
    if (counter.startsWith(prefix)) bins.push([Number(counter.slice(prefix.length)), count]);
  }
  return bins.sort(([a], [b]) => a - b);
};
