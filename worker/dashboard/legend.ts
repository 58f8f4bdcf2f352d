import type { Series, SeriesPoint } from "../protocol/summary.ts";
import { bytesOf, countOf, percentOf, textOf } from "../protocol/units.ts";
import { find, setText } from "./dom.ts";
import { momentOf } from "./points.ts";

const SOURCES = ["peer", "relay", "cdn"] as const;

/** The legend speaks of the bucket under the pointer, or of the whole range. */
export const showLegend = ({ points, bucketMs }: Series, index: number | null): void => {
  const pointed = index === null ? undefined : points[index];
  for (const source of SOURCES) {
    const bytes = pointed?.[source] ?? points.reduce((sum, point) => sum + point[source], 0);
    setText(find(`legend-${source}`), textOf(bytesOf(bytes)));
  }
  const at = pointed === undefined ? "" : ` at ${momentOf(pointed.at, bucketMs)}`;
  setText(find("legend-offload"), pointed === undefined ? "" : `${offloadWords(pointed)}${at}`);
  setText(find("legend-viewers"), pointed === undefined ? "" : `${countOf(pointed.viewers)}${at}`);
};

const offloadWords = ({ offload, bound }: SeriesPoint): string =>
  `${textOf(percentOf(offload))} of at best ${textOf(percentOf(bound))}`;
