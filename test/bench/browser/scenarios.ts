import { atLeast, atMost, type Target } from "../target.ts";
import type { Medians } from "./medians.ts";

/** What the contenders play through in Chromium. Times in seconds. */
export type BrowserScenario = {
  readonly name: string;
  readonly stream: "live" | "vod";
  readonly viewers: number;
  /** Between two joins. */
  readonly joinEvery: number;
  /** From the last join to the end: `START_UP_SECONDS` or more. */
  readonly stay: number;
  /** When set, the oldest viewer is replaced by a new one this often. */
  readonly replaceEvery?: number;
  /** What Shoal must reach by itself, and beside plain hls.js. */
  readonly targets: (shoal: Medians) => readonly Target[];
  readonly besidePlain: (shoal: Medians, plain: Medians) => readonly Target[];
};

/** After the last join, this long counts as start-up, in seconds. */
export const START_UP_SECONDS = 10;

const offload = (wanted: number) => (shoal: Medians) => atLeast("offload", wanted, shoal.offload);
const offloadOfPlayed = (wanted: number) => (shoal: Medians) =>
  atLeast("offload of what was played", wanted, shoal.offloadOfPlayed);
const noStall = (shoal: Medians) => atMost("stalls", 0, shoal.stalls);
const cpu = (wanted: number) => (shoal: Medians, plain: Medians) =>
  atMost("CPU, times plain hls.js", wanted, shoal.cpuPerViewer / plain.cpuPerViewer);
const firstFrame = (shoal: Medians, plain: Medians) =>
  atMost("first frame, times plain hls.js", 1.1, shoal.startupMs / plain.startupMs);
const behindLive = (shoal: Medians, plain: Medians) =>
  atMost(
    "seconds behind live more than plain hls.js",
    1,
    (shoal.latency ?? Number.NaN) - (plain.latency ?? Number.NaN),
  );

export const BROWSER_SCENARIOS: readonly BrowserScenario[] = [
  {
    name: "live, 8 viewers",
    stream: "live",
    viewers: 8,
    joinEvery: 2,
    stay: 60,
    targets: (shoal) => [
      offload(0.8)(shoal),
      atMost("copies a segment after start-up", 1.1, shoal.copiesPerSegment ?? Number.NaN),
      noStall(shoal),
    ],
    besidePlain: (shoal, plain) => [cpu(1.15)(shoal, plain), firstFrame(shoal, plain), behindLive(shoal, plain)],
  },
  {
    // For `--repeat 10` and more: eight first frames say little, since hls.js loses 100 ms with some and not with others.
    name: "first frames, 8 viewers live",
    stream: "live",
    viewers: 8,
    joinEvery: 2,
    stay: START_UP_SECONDS,
    targets: () => [],
    besidePlain: (shoal, plain) => [firstFrame(shoal, plain)],
  },
  {
    name: "vod, 8 viewers",
    stream: "vod",
    viewers: 8,
    joinEvery: 4,
    stay: 60,
    targets: (shoal) => [offloadOfPlayed(0.8)(shoal)],
    besidePlain: (shoal, plain) => [cpu(1.25)(shoal, plain)],
  },
  {
    name: "vod, 3 viewers leave",
    stream: "vod",
    viewers: 3,
    joinEvery: 4,
    stay: 60,
    // Who leaves has buffered what nobody plays; plain hls.js is far below zero by that measure.
    targets: (shoal) => [offload(0.55)(shoal), offloadOfPlayed(0)(shoal)],
    besidePlain: () => [],
  },
  {
    name: "live, one replaced every 5 s",
    stream: "live",
    viewers: 6,
    joinEvery: 2,
    stay: 60,
    replaceEvery: 5,
    targets: (shoal) => [offload(0.65)(shoal), noStall(shoal)],
    besidePlain: () => [],
  },
];
