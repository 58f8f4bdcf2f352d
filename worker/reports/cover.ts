import { BUCKET_MS, RESOLUTIONS, type Resolution, type Span } from "./bucket.ts";

/**
 * Tiles a stretch of time (milliseconds since 1970, on borders of `edge`) with as few buckets as there are: days in the middle,
 * hours and minutes towards the ends, none finer than `edge`. In the order of time.
 */
export const cover = (from: number, to: number, edge: Resolution): readonly Span[] => {
  const spans: Span[] = [];
  let at = from;
  while (at < to) {
    const resolution = widest(at, to, edge);
    const width = BUCKET_MS[resolution];
    const until = Math.min(Math.floor(to / width), nextBorder(at, resolution)) * width;
    spans.push({ resolution, from: at / width, to: until / width });
    at = until;
  }
  return spans;
};

/** The widest bucket that begins at `at` and ends by `to`. */
const widest = (at: number, to: number, edge: Resolution): Resolution => {
  const allowed = RESOLUTIONS.slice(RESOLUTIONS.indexOf(edge)).reverse();
  return allowed.find((one) => at % BUCKET_MS[one] === 0 && at + BUCKET_MS[one] <= to) ?? edge;
};

/** Number of the bucket at which a wider resolution could take over. */
const nextBorder = (at: number, resolution: Resolution): number => {
  const wider = RESOLUTIONS[RESOLUTIONS.indexOf(resolution) + 1];
  if (wider === undefined) return Number.POSITIVE_INFINITY;
  return ((Math.floor(at / BUCKET_MS[wider]) + 1) * BUCKET_MS[wider]) / BUCKET_MS[resolution];
};

/** Joins spans of one resolution that touch, so that they are read at once. */
export const join = (spans: readonly Span[]): readonly Span[] => {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last?.resolution === span.resolution && last.to === span.from)
      joined[joined.length - 1] = { ...last, to: span.to };
    else joined.push(span);
  }
  return joined;
};
