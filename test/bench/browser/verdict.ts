import { missed, type Target } from "../target.ts";
import type { Medians } from "./medians.ts";
import { BROWSER_SCENARIOS } from "./scenarios.ts";

/** A contender's medians; Shoal's with what it had to reach, beside plain hls.js in the same run of the bench. */
export type Verdict = Medians & { readonly targets: readonly Target[] };

export const verdictsOf = (all: readonly Medians[]): Verdict[] =>
  all.map((one) => ({ ...one, targets: one.contender === "shoal" ? targetsOf(one, all) : [] }));

function targetsOf(shoal: Medians, all: readonly Medians[]): readonly Target[] {
  const scenario = BROWSER_SCENARIOS.find(({ name }) => name === shoal.scenario);
  const plain = all.find(({ scenario, contender }) => scenario === shoal.scenario && contender === "plain");
  if (scenario === undefined) return [];
  return [...scenario.targets(shoal), ...(plain === undefined ? [] : scenario.besidePlain(shoal, plain))];
}

/** A verdict as one line of a table for people. */
export const verdictRow = (of: Verdict) => ({
  scenario: of.scenario,
  contender: of.contender,
  runs: of.runs,
  offload: of.offload.toFixed(3),
  bound: of.bound.toFixed(3),
  "of played": of.offloadOfPlayed.toFixed(3),
  "its bound": of.boundOfPlayed.toFixed(3),
  copies: of.copiesPerSegment?.toFixed(2) ?? "",
  stalls: of.stalls,
  "start ms": Math.round(of.startupMs),
  "behind live s": of.latency?.toFixed(1) ?? "",
  "CPU s/viewer": of.cpuPerViewer.toFixed(1),
  "machine busy": `${Math.round(of.machineBusy * 100)} %`,
  errors: of.errors,
  missed: missed(of.targets),
});
