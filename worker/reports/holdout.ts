import { type Comparison, GROUPS, type Group } from "../protocol/index.ts";
import { type Cell, count, emptyCell, merge } from "./cell.ts";
import { TRIALS } from "./contribution.ts";
import { TWO_SIDED_95 } from "./student.ts";

/** Sessions that each group must have before anything is said. */
export const LEAST_SESSIONS = 100;

/** Cells of the dimension `trial`, by value. */
export type Trials = ReadonlyMap<string, Cell>;

/** A figure as a ratio of two sums, and which way is good. */
type Ratio = {
  readonly over: (cell: Cell) => number;
  readonly under: (cell: Cell) => number;
  readonly good: "less" | "more";
};

const RATIOS = {
  startupMs: { over: (cell) => count(cell, "startupMs"), under: (cell) => count(cell, "startups"), good: "less" },
  stallRatio: {
    over: (cell) => count(cell, "stallMs"),
    under: (cell) => count(cell, "stallMs") + count(cell, "watchMs"),
    good: "less",
  },
  bitsPerSecond: {
    over: (cell) => count(cell, "kilobits") * 1e6,
    under: (cell) => count(cell, "ratedMs"),
    good: "more",
  },
} as const satisfies Record<string, Ratio>;

/**
 * Compares viewers with peers and the holdout. What varies by chance is the session, not the sample: samples of one viewer resemble each
 * other, and as many "observations" would make the interval far too narrow. Each group's sessions are therefore cut into `TRIALS` parts
 * by lot, whole sessions at a time; how far the parts' figures lie apart tells how far chance alone moves the whole (the method of random
 * groups, Wolter, Introduction to Variance Estimation, ch. 2). The difference gets Welch's interval with the degrees of freedom
 * of Welch and Satterthwaite. All of it needs sums only, so it holds over any range.
 */
export const compare = (trials: Trials, sessions: Readonly<Record<Group, number>>) => {
  const enough = GROUPS.every((group) => sessions[group] >= LEAST_SESSIONS);
  const one = (ratio: Ratio): Comparison => {
    const p2p = measure(trials, "p2p", ratio);
    const holdout = measure(trials, "holdout", ratio);
    if (!enough || p2p?.variance == null || holdout?.variance == null) {
      return { kind: "tooSmall", p2p: p2p?.value ?? null, holdout: holdout?.value ?? null, needed: LEAST_SESSIONS };
    }
    const difference = p2p.value - holdout.value;
    const variance = p2p.variance + holdout.variance;
    const freedom =
      variance === 0 ? TRIALS - 1 : (TRIALS - 1) * (variance ** 2 / (p2p.variance ** 2 + holdout.variance ** 2));
    const half = TWO_SIDED_95(freedom) * Math.sqrt(variance);
    const interval = { from: difference - half, to: difference + half };
    return {
      kind: "compared",
      p2p: p2p.value,
      holdout: holdout.value,
      difference,
      interval,
      verdict: verdictOf(interval, ratio.good),
    };
  };
  return {
    startupMs: one(RATIOS.startupMs),
    stallRatio: one(RATIOS.stallRatio),
    bitsPerSecond: one(RATIOS.bitsPerSecond),
  };
};

type Measured = {
  readonly value: number /** Of the whole group's figure; null when a part has nothing in it. */;
  readonly variance: number | null;
};

const measure = (trials: Trials, group: Group, { over, under }: Ratio): Measured | null => {
  const parts = Array.from({ length: TRIALS }, (_, part) => trials.get(`${group}.${part}`) ?? emptyCell());
  const whole = merge(parts);
  if (under(whole) === 0) return null;
  const value = over(whole) / under(whole);
  if (parts.some((part) => under(part) === 0)) return { value, variance: null };
  const squares = parts.reduce((sum, part) => sum + (over(part) / under(part) - value) ** 2, 0);
  return { value, variance: squares / (TRIALS * (TRIALS - 1)) };
};

const verdictOf = ({ from, to }: { readonly from: number; readonly to: number }, good: Ratio["good"]) => {
  if (from <= 0 && to >= 0) return "no difference seen";
  return from > 0 === (good === "more") ? "better" : "worse";
};
