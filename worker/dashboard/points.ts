import type { SeriesPoint } from "../protocol/summary.ts";

/** Offload of one bucket; null when nothing was played in it. */
export const pointOffload = ({ played, cdn, relay }: Pick<SeriesPoint, "played" | "cdn" | "relay">): number | null =>
  played === 0 ? null : (played - cdn - relay) / played;

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Time of day in the reader's zone; `at` is in milliseconds since 1970. */
export const clockOf = (at: number): string => CLOCK.format(at);
