import type { Figures } from "../../sim/figures.ts";
import { type Scenario, scenario } from "../../sim/scenario.ts";
import { atLeast, atMost, type Target } from "../target.ts";

export type SimScenario = {
  readonly name: string;
  /** Without the seed, which the runner gives. */
  readonly scenario: Scenario;
  readonly targets: (figures: Figures) => readonly Target[];
};

const noStallsAdded = ({ stalls, stallsPlain }: Figures): Target =>
  atMost("stalls, no more than without peers", stallsPlain ?? 0, stalls);

/** Live at three target durations behind the edge, which is where the model of hls.js starts. */
export const TARGET_SCENARIOS: readonly SimScenario[] = [
  {
    name: "sim, live, 1,000 viewers, broadband",
    scenario: scenario({ viewers: 1000, minutes: 10, joins: { kind: "flash", withinMs: 60_000 } }),
    targets: (figures) => [
      atLeast("offload", 0.97, figures.offload),
      atMost("copies a segment after start-up", 5, figures.copiesPerSegment),
      noStallsAdded(figures),
    ],
  },
  {
    name: "sim, live, 1,000 viewers, uplink 0.6 of the bitrate",
    scenario: scenario({
      viewers: 1000,
      minutes: 10,
      profile: "scarce",
      joins: { kind: "flash", withinMs: 60_000 },
    }),
    targets: (figures) => [
      atLeast("offload, 95% of its bound", 0.95 * figures.bound, figures.offload),
      noStallsAdded(figures),
    ],
  },
  {
    name: "sim, live, 300 viewers come and go, three renditions",
    scenario: scenario({
      viewers: 300,
      minutes: 5,
      joins: { kind: "poisson", meanMs: 200 },
      leaves: { perMinute: 0.2, replace: true, vanish: 0.5 },
      bitrates: [400_000, 1_300_000, 3_000_000],
    }),
    targets: (figures) => [noStallsAdded(figures)],
  },
];

/** Into how many swarms the viewers of one process are split: the first makes swarms of 100. */
const COST = { viewers: 1000, swarms: [10, 3, 1] } as const;
/** Takes about half an hour and 8 GB. */
const COST_LARGE = { viewers: 10_000, swarms: [100, 10, 1] } as const;

/**
 * What the engines cost as a swarm grows. Per viewer and minute it should stay what it is. The process always holds equally
 * many viewers: the more there are, the less of them is in the processor's caches, which has nothing to do with the swarm.
 */
export const costScenarios = (large: boolean): readonly SimScenario[] => {
  const { viewers, swarms } = large ? COST_LARGE : COST;
  return swarms.map((count) => ({
    name: `sim cost, swarms of ${Math.round(viewers / count).toLocaleString("en-US")}`,
    scenario: scenario({ viewers, swarms: count, minutes: 1 }),
    targets: () => [],
  }));
};
