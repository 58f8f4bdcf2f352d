import { lazy } from "./turns.ts";

const clock = lazy(() => new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
const day = lazy(() => new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" }));

/** Time of day in the reader's zone; `at` is in milliseconds since 1970. */
export const clockOf = (at: number): string => clock().format(at);

/** The day in the reader's zone. */
export const dayOf = (at: number): string => day().format(at);

const DAY_MS = 86_400_000;
/** Buckets this wide make a series of more than a day. */
const WIDE_MS = 15 * 60_000;

/** A bucket's beginning as people tell it apart from its neighbours: `14:20`, `12 Nov 14:00`, `12 Nov`. */
export const momentOf = (at: number, bucketMs: number): string => {
  if (bucketMs >= DAY_MS) return dayOf(at);
  return bucketMs > WIDE_MS ? `${dayOf(at)} ${clockOf(at)}` : clockOf(at);
};
