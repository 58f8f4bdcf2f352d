import type { Contender } from "./contenders.ts";
import type { BrowserResult } from "./result.ts";

/**
 * The runs of one contender in one scenario: medians; stalls and errors are added up. Units as in `BrowserResult`. `startupMs` is the
 * median of all viewers of all runs: hls.js looks for its first segment every 100 ms, and a few milliseconds decide which time
 * it finds it, so that the medians of single runs lie far apart.
 */
export type Medians = {
  readonly scenario: string;
  readonly contender: Contender;
  readonly runs: number;
  readonly offload: number;
  readonly offloadOfPlayed: number;
  readonly bound: number;
  readonly boundOfPlayed: number;
  readonly copiesPerSegment: number | null;
  readonly startupMs: number;
  readonly latency: number | null;
  readonly cpuPerViewer: number;
  readonly machineBusy: number;
  readonly stalls: number;
  readonly errors: number;
};

/** One line for each scenario and contender, in the order in which they ran. */
export function mediansOf(results: readonly BrowserResult[]): Medians[] {
  const groups = new Map<string, [BrowserResult, ...BrowserResult[]]>();
  for (const result of results) {
    const name = `${result.scenario}/${result.contender}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [result]);
    else group.push(result);
  }
  return [...groups.values()].map(overRuns);
}

function overRuns(runs: readonly [BrowserResult, ...BrowserResult[]]): Medians {
  const [{ scenario, contender, bound }] = runs;
  const over = (read: (run: BrowserResult) => number): number => median(runs.map(read));
  const known = (read: (run: BrowserResult) => number | null): number | null => {
    const values = runs.map(read).filter((value) => value !== null);
    return values.length === 0 ? null : median(values);
  };
  return {
    scenario,
    contender,
    bound,
    runs: runs.length,
    offload: over((run) => run.offload),
    boundOfPlayed: over((run) => run.boundOfPlayed),
    offloadOfPlayed: over((run) => run.offloadOfPlayed),
    copiesPerSegment: known((run) => run.copiesPerSegment),
    startupMs: median(runs.flatMap(({ starts }) => starts)),
    latency: known((run) => run.latency),
    cpuPerViewer: over((run) => run.cpuPerViewer),
    machineBusy: over((run) => run.machineBusy),
    stalls: runs.reduce((sum, { stalls }) => sum + stalls, 0),
    errors: runs.reduce((sum, { errors }) => sum + errors.length, 0),
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - (sorted.length % 2 === 0 ? 1 : 0)], sorted[middle]];
  return (low + high) / 2;
}
