import { bucketOf, DAY_MS, RESOLUTIONS, RETENTION_MS, type Resolution } from "./bucket.ts";

/** Name under which values of a dimension beyond its cap are counted. A value that is really called so shares it. */
export const OTHER = "other";

type Spec = {
  /** Distinct values kept of a site (or of a stream of it) on one day; further ones are `OTHER`. */
  readonly most: number;
  /** Whether a site has these cells, or each stream of it, or both. */
  readonly of: "site" | "stream" | "both";
  /** Finest first. */
  readonly resolutions: readonly [Resolution, ...Resolution[]];
  /** Where cells are kept for a shorter time than their resolution's own, in milliseconds. */
  readonly kept: Partial<Record<Resolution, number>>;
};

const total = (most: number): Spec => ({ most, of: "site", resolutions: RESOLUTIONS, kept: {} });
const breakdown = (most: number): Spec => ({ most, of: "both", resolutions: RESOLUTIONS, kept: {} });

/**
 * What reports are broken down by. `all` has the one value `""`. The total of a stream is its cell in the site's dimension `stream`.
 * `trial` is what the holdout is judged by: each group's sessions in `TRIALS` parts, by lot. `session` is what one page view
 * did; it is kept for two days only.
 */
const SPECS = {
  all: total(1),
  stream: total(1_000),
  country: breakdown(250),
  network: breakdown(100),
  device: breakdown(5),
  browser: breakdown(5),
  player: breakdown(20),
  rendition: breakdown(20),
  group: breakdown(2),
  trial: { most: 32, of: "both", resolutions: ["hour", "day"], kept: {} },
  session: { most: 1_000, of: "stream", resolutions: ["day"], kept: { day: 2 * DAY_MS } },
} as const satisfies Record<string, Spec>;

export type Dimension = keyof typeof SPECS;
export const DIMENSIONS = Object.keys(SPECS) as Dimension[];

export const specOf = (dimension: Dimension): Spec => SPECS[dimension];

/** How long a cell is kept after its bucket began, in milliseconds. */
export const keptMs = (dimension: Dimension, resolution: Resolution): number =>
  specOf(dimension).kept[resolution] ?? RETENTION_MS[resolution];

/** First bucket of a dimension that is still kept at `now` (milliseconds since 1970). */
export const oldestBucket = (dimension: Dimension, resolution: Resolution, now: number): number =>
  bucketOf(now - keptMs(dimension, resolution), resolution) + 1;
