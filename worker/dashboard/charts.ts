import uPlot from "uplot";
import type { Series } from "../protocol/summary.ts";
import { bytesScaleOf, countOf } from "../protocol/units.ts";
import { axesOf } from "./axes.ts";
import { type Colours, onColourChange, readColours } from "./colours.ts";
import { find } from "./dom.ts";
import { showLegend } from "./legend.ts";

const SYNC = "time";

type Draw = (series: Series, middles: number[]) => uPlot.AlignedData;
type Chart = { readonly box: string; readonly draw: Draw; readonly options: (look: Look) => Partial<uPlot.Options> };
type Look = { readonly colours: () => Colours };

/** Each bar covers the one behind it, all from zero: CDN in front, then TURN, then peers. */
const BYTES: Chart = {
  box: "bytes-chart",
  draw: ({ points }, middles) => [
    middles,
    points.map(({ cdn, relay, peer }) => cdn + relay + peer),
    points.map(({ cdn, relay }) => cdn + relay),
    points.map(({ cdn }) => cdn),
  ],
  options: ({ colours }) => ({
    scales: { y: { range: (_, __, max) => [0, Math.max(1000, max * 1.08)] } },
    axes: axesOf(colours, bytesScaleOf),
    series: [{}, bar(colours, "peer", 0.1), bar(colours, "relay", 0), bar(colours, "cdn", 0)],
    cursor: { points: { show: false } },
  }),
};

const OFFLOAD: Chart = {
  box: "offload-chart",
  draw: ({ points }, middles) => [middles, points.map(({ bound }) => bound), points.map(({ offload }) => offload)],
  options: ({ colours }) => ({
    scales: {
      y: { range: (_, min) => [min < 0 ? Math.max(-1, Math.floor(min * 4) / 4) : 0, 1] },
    },
    axes: axesOf(colours, (splits) => splits.map((split) => `${Math.round(split * 100)} %`), [0.25, 0.5]),
    series: [
      {},
      { stroke: () => colours().muted, width: 1.5, dash: [5, 4], points: { show: false }, spanGaps: false },
      area(colours),
    ],
  }),
};

const VIEWERS: Chart = {
  box: "viewers-chart",
  draw: ({ points }, middles) => [middles, points.map(({ viewers }) => viewers)],
  options: ({ colours }) => ({
    scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
    axes: axesOf(colours, (splits) => splits.map(countOf), [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20_000]),
    series: [
      {},
      {
        stroke: () => colours().ink,
        width: 1.5,
        points: { show: false },
        paths: uPlot.paths.stepped?.({ align: 1 }) ?? (() => null),
      },
    ],
  }),
};

const bar = (colours: () => Colours, colour: keyof Colours, radius: number): uPlot.Series => ({
  fill: () => colours()[colour],
  width: 0,
  points: { show: false },
  paths: uPlot.paths.bars?.({ size: [0.74, 46, 1], radius }) ?? (() => null),
});

const area = (colours: () => Colours): uPlot.Series => ({
  stroke: () => colours().peer,
  fill: () => `color-mix(in srgb, ${colours().peer} 14%, transparent)`,
  width: 2,
  points: { show: true, size: 4, fill: () => colours().peer },
  spanGaps: false,
});

/** Draws the charts over time and keeps their legend; returns what shows new data. */
export const createCharts = (): ((series: Series) => void) => {
  let colours = readColours();
  let shown: Series | null = null;
  const look: Look = { colours: () => colours };
  const onPoint = ({ cursor }: uPlot): void => {
    if (shown !== null) showLegend(shown, cursor.idx ?? null);
  };

  const plots: { readonly plot: uPlot; readonly draw: Draw }[] = [];
  const fill = ({ plot, draw }: (typeof plots)[number], series: Series): void => {
    // The middle of a bucket, so that the pointer finds the bar it is on.
    const middles = series.points.map(({ at }) => (at + series.bucketMs / 2) / 1000);
    plot.setData(draw(series, middles));
  };

  const build = ({ box, draw, options }: Chart): void => {
    const place = find(box);
    const { cursor, scales, ...own } = options(look);
    const plot = new uPlot(
      {
        width: Math.max(1, place.clientWidth),
        height: Math.max(1, place.clientHeight),
        padding: [10, 20, 0, 0],
        legend: { show: false },
        cursor: { sync: { key: SYNC, setSeries: false }, drag: { x: false, y: false }, points: { size: 8 }, ...cursor },
        scales: { x: { range: () => spanOf(shown) }, ...scales },
        hooks: { setCursor: [onPoint] },
        series: [{}],
        ...own,
      },
      [[], ...(own.series ?? []).slice(1).map(() => [])],
      place,
    );
    new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: place.clientHeight })).observe(place);
    plots.push({ plot, draw });
    if (shown !== null) fill({ plot, draw }, shown);
  };
  // While the first answer is under way, and one at a time: together they would hold up the page.
  for (const chart of [BYTES, OFFLOAD, VIEWERS]) setTimeout(build, 0, chart);

  onColourChange(() => {
    colours = readColours();
    for (const { plot } of plots) plot.redraw(true, true);
  });

  return (series) => {
    shown = series;
    for (const plot of plots) fill(plot, series);
    showLegend(series, plots[0]?.plot.cursor.idx ?? null);
  };
};

/** The whole of the first and last bucket, in seconds since 1970. */
const spanOf = (series: Series | null): [number, number] => {
  if (series === null) return [0, 1];
  const { points, bucketMs } = series;
  return [(points[0]?.at ?? 0) / 1000, ((points.at(-1)?.at ?? 0) + bucketMs) / 1000];
};
