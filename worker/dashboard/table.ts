import type { Series, SeriesPoint } from "../protocol/summary.ts";
import { find, findAs, make } from "./dom.ts";
import { bytesOf, countOf, percentOf, textOf } from "./format.ts";
import { clockOf, pointOffload } from "./points.ts";

/** The charts' figures in words, newest first. Rows are made only while somebody looks. */
export const createTable = (): ((series: Series) => void) => {
  const details = findAs("table", HTMLDetailsElement);
  let latest: Series | null = null;
  const fill = (): void => {
    if (!details.open || latest === null) return;
    find("rows").replaceChildren(...latest.points.map(rowOf).reverse());
  };
  details.addEventListener("toggle", fill);
  return (series) => {
    latest = series;
    fill();
  };
};

const rowOf = (point: SeriesPoint): HTMLTableRowElement => {
  const time = make("th", clockOf(point.at));
  time.scope = "row";
  const bytes = [point.peer, point.relay, point.cdn, point.played].map((each) => make("td", textOf(bytesOf(each))));
  const offload = make("td", textOf(percentOf(pointOffload(point))));
  return make("tr", time, ...bytes, offload, make("td", countOf(point.viewers)));
};
