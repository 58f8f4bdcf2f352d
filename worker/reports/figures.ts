import type { Figures, Quantiles } from "../protocol/index.ts";
import { type Cell, cdnReasonsOf, count, nearnessOf, sourcesOf } from "./cell.ts";
import { gapOf } from "./gap.ts";
import { type Histogram, quantiles } from "./histogram.ts";

/** Share of the bytes played that neither CDN nor TURN had to deliver; null when nothing was played. */
export const offloadOf = (cell: Cell): number | null => {
  const played = count(cell, "played");
  return played === 0 ? null : (played - count(cell, "cdn") - count(cell, "relay")) / played;
};

/** What a report says of any cell. */
export const figuresOf = (cell: Cell): Figures => {
  const startup = quantilesOf(cell, "startup");
  const watchMs = count(cell, "watchMs");
  const stallMs = count(cell, "stallMs");
  const ratedMs = count(cell, "ratedMs");
  return {
    bytes: {
      ...sourcesOf(cell),
      uploaded: count(cell, "uploaded"),
      played: count(cell, "played"),
      wasted: count(cell, "wasted"),
      overhead: count(cell, "overhead"),
    },
    cdnReasons: cdnReasonsOf(cell),
    nearness: nearnessOf(cell),
    offload: offloadOf(cell),
    gap: gapOf(cell),
    quality: {
      startupMs: startup?.p50 ?? null,
      startup,
      stalls: count(cell, "stalls"),
      stallMs,
      stall: quantilesOf(cell, "stall"),
      stallRatio: watchMs + stallMs === 0 ? null : stallMs / (watchMs + stallMs),
      watchMs,
      bitsPerSecond: ratedMs === 0 ? null : Math.round((count(cell, "kilobits") * 1e6) / ratedMs),
      errors: count(cell, "errors"),
      waryMs: count(cell, "waryMs"),
      offMs: count(cell, "offMs"),
    },
  };
};

const quantilesOf = (cell: Cell, histogram: Histogram): Quantiles | null => {
  const [p50, p75, p95] = quantiles(cell, histogram, [0.5, 0.75, 0.95]).map((ms) =>
    ms === null ? null : Math.round(ms),
  );
  return p50 == null || p75 == null || p95 == null ? null : { p50, p75, p95 };
};
