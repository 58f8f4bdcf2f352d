import { type Figures, type Meters, measure } from "../../sim/figures.ts";
import type { Progress } from "../../sim/run.ts";
import { scenario } from "../../sim/scenario.ts";
import { atMost, type Target } from "../target.ts";
import { costScenarios, type SimScenario, TARGET_SCENARIOS } from "./scenarios.ts";

/** What came of one scenario with one seed. Times in milliseconds, shares as fractions. */
export type SimResult = Pick<
  Figures,
  | "offload"
  | "bound"
  | "copiesPerSegment"
  | "copies"
  | "stalls"
  | "stallsPlain"
  | "stallMs"
  | "startupMs"
  | "cdnReasons"
  | "cpuMsPerViewerMinute"
  | "wallSeconds"
> & {
  readonly name: string;
  readonly seed: number;
  readonly viewers: number;
  readonly minutes: number;
  readonly startupMsPlain: Figures["startupMs"] | null;
  readonly brokenPromises: number;
  readonly targets: readonly Target[];
};

export type SimOptions = {
  /** Only scenarios whose name contains this. */
  readonly only: string;
  /** Each scenario is run with the seeds 1 to this. */
  readonly seeds: number;
  /** In place of the scenarios' own length, in minutes; the cost is always taken over its own. */
  readonly minutes: number | undefined;
  /** The cost with up to 10,000 viewers in a swarm instead of 1,000. */
  readonly large: boolean;
  readonly meters: Meters;
  readonly onProgress: (what: string, at: Progress) => void;
};

/** Engine time a viewer-minute may grow by this factor from the smallest to each larger swarm. */
const MOST_GROWTH = 1.5;

/** Plays the scenarios one after the other, each against the same viewers without peers. */
export function runSim(options: SimOptions): SimResult[] {
  const wanted = ({ name }: SimScenario): boolean => name.includes(options.only);
  const play = (of: SimScenario, seed: number, minutes: number): SimResult => {
    const { meters } = options;
    const played = { ...of.scenario, seed, minutes };
    const onProgress = (what: string, at: Progress): void => options.onProgress(`${of.name}, ${what}`, at);
    return resultOf(of, measure(played, { compare: true, meters, onProgress }));
  };

  const seeds = Array.from({ length: options.seeds }, (_, i) => i + 1);
  const results = TARGET_SCENARIOS.filter(wanted).flatMap((one) =>
    seeds.map((seed) => play(one, seed, options.minutes ?? one.scenario.minutes)),
  );
  const costs = costScenarios(options.large).filter(wanted);
  if (costs.length > 0) warmUp(options);
  return [...results, ...withGrowth(costs.map((one) => play(one, 1, one.scenario.minutes)))];
}

/** The first run in a process is slowed by the compiler, which would make the smallest swarm look dear. */
function warmUp({ meters }: SimOptions): void {
  measure(scenario({ viewers: 60, minutes: 1 }), { compare: false, meters, onProgress: () => undefined });
}

function resultOf(of: SimScenario, figures: Figures): SimResult {
  const { offload, bound, copiesPerSegment, copies, stalls, stallsPlain, stallMs, startupMs, cdnReasons } = figures;
  return {
    name: of.name,
    seed: figures.scenario.seed,
    viewers: figures.scenario.viewers,
    minutes: figures.scenario.minutes,
    offload,
    bound,
    copiesPerSegment,
    copies,
    stalls,
    stallsPlain,
    stallMs,
    startupMs,
    startupMsPlain: figures.plain?.startupMs ?? null,
    cdnReasons,
    cpuMsPerViewerMinute: figures.cpuMsPerViewerMinute,
    wallSeconds: figures.wallSeconds,
    brokenPromises: figures.violations.count,
    targets: of.targets(figures),
  };
}

/** Each larger swarm against the smallest. */
function withGrowth(costs: readonly SimResult[]): SimResult[] {
  const [first] = costs;
  return costs.map((cost) => {
    if (first === undefined || cost === first) return cost;
    const got = cost.cpuMsPerViewerMinute / first.cpuMsPerViewerMinute;
    const what = `engine time a viewer-minute, against the smallest swarm`;
    return { ...cost, targets: [atMost(what, MOST_GROWTH, got)] };
  });
}
