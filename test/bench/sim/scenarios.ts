import type { Figures } from "../../sim/figures.ts";
import { type Scenario, scenario } from "../../sim/scenario.ts";

/** What a run must reach. `got` and `wanted` are in the unit that `what` names. */
export type Target = {
  readonly what: string;
  readonly wanted: number;
  readonly got: number;
  readonly met: boolean;
};

export type SimScenario = {
  readonly name: string;
  /** Without the seed, which the runner gives. */
  readonly scenario: Scenario;
  readonly targets: (figures: Figures) => readonly Target[];
};

const atLeast = (what: string, wanted: number, got: number): Target => ({ what, wanted, got, met: got >= wanted });
const atMost = (what: string, wanted: number, got: number): Target => ({ what, wanted, got, met: got <= wanted });

const noStallsAdded = ({ stalls, stallsPlain }: Figures): Target =>
  atMost("stalls, no more than without peers", stallsPlain ?? 0, stalls);

/** Live at three target durations behind the edge, which is where the model of hls.js starts. */
export const TARGET_SCENARIOS: readonly SimScenario[] = [
  {
    name: "sim, live, 1,000 viewers, broadband",
    scenario: scenario({ viewers: 1000, minutes: 10, joins: { kind: "flash", withinMs: 60_000 } }),
    targets: (figures) => [
      atLeast("offload", 0.97, figures.offload),
      atMost("copies a segment, mean", 5, figures.copiesPerSegment),
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

/** Viewers whose engines' work is compared; the last only in a large run, which needs about 20 minutes and 8 GB. */
const COST_VIEWERS = [100, 300, 1000] as const;
const COST_VIEWERS_LARGE = 10_000;

/** What the engines cost as the audience grows. Per viewer and minute it should stay what it is. */
export const costScenarios = (large: boolean): readonly SimScenario[] =>
  [...COST_VIEWERS, ...(large ? [COST_VIEWERS_LARGE] : [])].map((viewers) => ({
    name: `sim cost, ${viewers.toLocaleString("en-US")} viewers`,
    scenario: scenario({ viewers, minutes: 2 }),
    targets: () => [],
  }));
