import uPlot from "uplot";
import type { Series, SeriesPoint } from "../protocol/summary.ts";
import { axesOf } from "./axes.ts";
import { type Colours, onColourChange, readColours } from "./colours.ts";
import { find, setText } from "./dom.ts";
import { bytesOf, bytesScaleOf, percentOf, textOf } from "./format.ts";
import { clockOf, pointOffload } from "./points.ts";

const SYNC = "time";

/** Draws both charts and keeps their legend; returns what shows new data. */
export const createCharts = (): ((series: Series) => void) => {
  let colours = readColours();
  let shown: Series | null = null;
  const bytesBox = find("bytes-chart");
  const offloadBox = find("offload-chart");
  const xRange = (): [number, number] => (shown === null ? [0, 1] : spanOf(shown));
  const onPoint = (index: number | null | undefined) => shown !== null && showLegend(shown, index ?? null);

  const bytes = new uPlot(
    bytesOptions(() => colours, xRange, onPoint),
    [[], [], [], []],
    bytesBox,
  );
  const offload = new uPlot(
    offloadOptions(() => colours, xRange, onPoint),
    [[], []],
    offloadBox,
  );

  const fit = (): void => {
    for (const [plot, box] of [
      [bytes, bytesBox],
      [offload, offloadBox],
    ] as const) {
      plot.setSize({ width: box.clientWidth, height: box.clientHeight });
    }
  };
  new ResizeObserver(fit).observe(bytesBox);
  onColourChange(() => {
    colours = readColours();
    for (const plot of [bytes, offload]) plot.redraw(true, true);
  });

  return (series) => {
    shown = series;
    const { points, bucketMs } = series;
    // The middle of a bucket, so that the pointer finds the bar it is on.
    const middles = points.map(({ at }) => (at + bucketMs / 2) / 1000);
    // Each bar covers the one behind it, all from zero: CDN in front, then TURN, then peers.
    const relayTops = points.map(({ cdn, relay }) => cdn + relay);
    const peerTops = points.map(({ cdn, relay, peer }) => cdn + relay + peer);
    bytes.setData([middles, peerTops, relayTops, points.map(({ cdn }) => cdn)]);
    offload.setData([middles, points.map(pointOffload)]);
    showLegend(series, bytes.cursor.idx ?? null);
  };
};

/** The whole of the first and last bucket, in seconds since 1970. */
const spanOf = ({ points, bucketMs }: Series): [number, number] => [
  (points[0]?.at ?? 0) / 1000,
  ((points.at(-1)?.at ?? 0) + bucketMs) / 1000,
];

const bytesOptions = (
  colours: () => Colours,
  xRange: () => [number, number],
  onPoint: (index: number | null | undefined) => void,
): uPlot.Options => {
  const bar = (colour: keyof Colours, radius: number): uPlot.Series => ({
    fill: () => colours()[colour],
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars?.({ size: [0.74, 46, 1], radius }) ?? (() => null),
  });
  return {
    width: 600,
    height: 280,
    padding: [10, 20, 0, 0],
    cursor: { sync: { key: SYNC, setSeries: false }, drag: { x: false, y: false }, points: { show: false } },
    legend: { show: false },
    scales: { x: { range: xRange }, y: { range: (_, __, max) => [0, Math.max(1000, max * 1.08)] } },
    axes: axesOf(colours, bytesScaleOf),
    series: [{}, bar("peer", 0.1), bar("relay", 0), bar("cdn", 0)],
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx)] },
  };
};

const offloadOptions = (
  colours: () => Colours,
  xRange: () => [number, number],
  onPoint: (index: number | null | undefined) => void,
): uPlot.Options => ({
  width: 600,
  height: 130,
  padding: [10, 20, 0, 0],
  cursor: { sync: { key: SYNC, setSeries: false }, drag: { x: false, y: false }, points: { size: 8 } },
  legend: { show: false },
  scales: { x: { range: xRange }, y: { range: (_, min) => [min < 0 ? Math.max(-1, Math.floor(min * 4) / 4) : 0, 1] } },
  axes: axesOf(colours, (splits) => splits.map((split) => `${Math.round(split * 100)} %`), [0.25, 0.5]),
  series: [
    {},
    {
      stroke: () => colours().peer,
      fill: () => `color-mix(in srgb, ${colours().peer} 14%, transparent)`,
      width: 2,
      points: { show: true, size: 4, fill: () => colours().peer },
      spanGaps: false,
    },
  ],
  hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx)] },
});

/** The legend speaks of the bucket under the pointer, or of the whole range. */
const showLegend = ({ points }: Series, index: number | null): void => {
  const pointed = index === null ? undefined : points[index];
  const shown = pointed ?? points.reduce<Sum>(addPoint, ZERO);
  for (const source of ["peer", "relay", "cdn"] as const) {
    setText(find(`legend-${source}`), textOf(bytesOf(shown[source])));
  }
  const offload = textOf(percentOf(pointOffload(shown)));
  setText(find("legend-offload"), pointed === undefined ? "" : `${offload} at ${clockOf(pointed.at)}`);
};

type Sum = Pick<SeriesPoint, "at" | "cdn" | "peer" | "relay" | "played">;
const ZERO: Sum = { at: 0, cdn: 0, peer: 0, relay: 0, played: 0 };
const addPoint = (sum: Sum, point: Sum): Sum => ({
  ...sum,
  cdn: sum.cdn + point.cdn,
  peer: sum.peer + point.peer,
  relay: sum.relay + point.relay,
  played: sum.played + point.played,
});
