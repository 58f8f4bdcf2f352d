import type { Outcome } from "./outcome.ts";
import { type Progress, run } from "./run.ts";
import type { Scenario } from "./scenario.ts";

/** What a run gave, what it took, and the same viewers without peers beside it. */
export type Figures = Outcome & {
  readonly scenario: Scenario;
  /** CPU time of all engines over the minutes that viewers watched, in milliseconds. */
  readonly cpuMsPerViewerMinute: number;
  readonly wallSeconds: number;
  readonly eventsPerSecond: number;
  /** Stalls of the same scenario without peers; null when that was not run. */
  readonly stallsPlain: number | null;
  readonly plain?: Pick<
    Outcome,
    "offload" | "playMs" | "stalls" | "stallMs" | "startupMs" | "late" | "skips" | "failures"
  >;
};

/** Clocks of this machine; the simulation itself has none. */
export type Meters = {
  readonly wallMs: () => number;
  /** CPU time of this process, in milliseconds. */
  readonly cpuMs: () => number;
};

/** Plays a scenario, and with `compare` once more without peers. */
export function measure(
  scenario: Scenario,
  of: { readonly compare: boolean; readonly meters: Meters; readonly onProgress: (what: string, at: Progress) => void },
): Figures {
  const { meters } = of;
  const wall = meters.wallMs();
  const cpu = meters.cpuMs();
  const what = scenario.p2p ? "with peers" : "without peers";
  const outcome = run(scenario, { stopwatch: meters.wallMs, onProgress: (at) => of.onProgress(what, at) });
  const wallMs = meters.wallMs() - wall;
  // The stopwatch runs on while another process has the core: the engines' share of the run is taken of its CPU time.
  const engineCpuMs = (outcome.engineMs / wallMs) * (meters.cpuMs() - cpu);
  const figures: Figures = {
    scenario,
    ...outcome,
    cpuMsPerViewerMinute: engineCpuMs / outcome.viewers.minutes,
    wallSeconds: wallMs / 1000,
    eventsPerSecond: outcome.events / (wallMs / 1000),
    stallsPlain: scenario.p2p ? null : outcome.stalls,
  };
  if (!of.compare) return figures;
  const plain = run({ ...scenario, p2p: false }, { onProgress: (at) => of.onProgress("without peers", at) });
  const { offload, playMs, stalls, stallMs, startupMs, late, skips, failures } = plain;
  return {
    ...figures,
    stallsPlain: stalls,
    plain: { offload, playMs, stalls, stallMs, startupMs, late, skips, failures },
  };
}
