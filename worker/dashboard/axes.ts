import type uPlot from "uplot";
import type { Colours } from "./colours.ts";
import { clockOf } from "./points.ts";

const PLOT_FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
/** Width of the labels on the left in CSS pixels: the same in both charts, so that their times stand in line. */
const LABELS_WIDTH = 62;

/** Steps between two times, in seconds. */
const TIME_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600];

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
      values: (_, splits) => splits.map((seconds) => clockOf(seconds * 1000)),
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
