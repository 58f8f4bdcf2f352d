import type uPlot from "uplot";
import type { Colours } from "./colours.ts";
import { clockOf, dayOf } from "./points.ts";

const PLOT_FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** Width of the labels on the left in CSS pixels: the same in both charts, so that their times stand in line. */
const LABELS_WIDTH = 62;

const DAY_SECONDS = 86_400;
/** Steps between two times, in seconds. */
const TIME_STEPS = [
  ...[60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200],
  ...[1, 2, 5, 10, 30, 90].map((days) => days * DAY_SECONDS),
];

/** The time of day, and at midnight the day that begins. */
const labelOf = (at: number): string => {
  const clock = clockOf(at);
  return clock === "00:00" ? dayOf(at) : clock;
};

/**
 * Axes of a chart over time, in the colours that hold when it is drawn. `steps` limits the steps between the labels on
 * the left.
 */
export const axesOf = (
  colours: () => Colours,
  labels: (splits: readonly number[]) => string[],
  steps?: readonly number[],
): uPlot.Axis[] => {
  const common = {
    font: PLOT_FONT,
    stroke: () => colours().muted,
    ticks: { show: false },
  } as const;
  return [
    {
      ...common,
      size: 34,
      gap: 10,
      space: 64,
      incrs: TIME_STEPS,
      grid: { show: false },
      values: (_, splits) => splits.map((seconds) => labelOf(seconds * 1000)),
    },
    {
      ...common,
      size: LABELS_WIDTH,
      space: 40,
      grid: { stroke: () => colours().grid, width: 1 },
      values: (_, splits) => labels(splits),
      ...(steps === undefined ? {} : { incrs: [...steps] }),
    },
  ];
};
