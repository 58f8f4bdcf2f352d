import type { Series, SeriesPoint } from "../protocol/summary.ts";
import { bytesOf, countOf, percentOf, textOf } from "../protocol/units.ts";
import { find, findAs, make } from "./dom.ts";
import { momentOf } from "./points.ts";

/** The charts' figures in words, newest first. Rows are made only while somebody looks. */
export const createTable = (): ((series: Series) => void) => {
  const details = findAs("table", HTMLDetailsElement);
  let latest: Series | null = null;
  const fill = (): void => {
    if (!details.open || latest === null) return;
    const { points, bucketMs } = latest;
    find("rows").replaceChildren(...points.map((point) => rowOf(point, bucketMs)).reverse());
  };
  details.addEventListener("toggle", fill);
  return (series) => {
    latest = series;
    fill();
  };
};

const rowOf = (point: SeriesPoint, bucketMs: number): HTMLTableRowElement => {
  const time = make("th", momentOf(point.at, bucketMs));
  time.scope = "row";
  const bytes = [point.peer, point.relay, point.cdn, point.played].map((each) => make("td", textOf(bytesOf(each))));
  const shares = [point.offload, point.bound].map((each) => make("td", textOf(percentOf(each))));
  return make("tr", time, ...bytes, ...shares, make("td", countOf(point.viewers)));
};
