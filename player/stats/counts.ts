import { CDN_REASONS, type CdnReason, SAMPLE_LIMITS, type Sample } from "../../worker/protocol/index.ts";
import type { Millis, Totals } from "../engine/types.ts";

/** All that a sample counts, since the session began; times in milliseconds. */
export type Counts = Readonly<Record<Field, number>>;
type Field = (typeof BYTE_FIELDS)[number] | "stalls" | "stallMs" | "watchMs" | "spanMs";

const BYTE_FIELDS = [...CDN_REASONS, "peer", "relay", "played", "uploaded", "wasted"] as const;
const FIELDS: readonly Field[] = [...BYTE_FIELDS, "stalls", "stallMs", "watchMs", "spanMs"];

/** What happened in playback, since the session began. */
export type Watched = { readonly stalls: number; readonly stallMs: Millis; readonly watchMs: Millis };

/** Zero of everything. */
export const ZERO: Counts = mapFields(() => 0);

/** Puts together what the session and the player count. `spanMs`: time since the session began. */
export function countsOf(totals: Totals, watched: Watched, spanMs: Millis): Counts {
  const { peer, relay, played, uploaded, wasted } = totals;
  const { stalls, stallMs, watchMs } = watched;
  return { ...totals.cdnReasons, peer, relay, played, uploaded, wasted, stalls, stallMs, watchMs, spanMs };
}

/** What of `now` is not in `told`, in whole numbers and within a sample's limits. What is cut off is left for the next one. */
export function untold(now: Counts, told: Counts): Counts {
  return mapFields((field) => Math.min(limitOf(field), Math.max(0, Math.floor(now[field] - told[field]))));
}

export const plus = (a: Counts, b: Counts): Counts => mapFields((field) => a[field] + b[field]);
export const minus = (a: Counts, b: Counts): Counts => mapFields((field) => a[field] - b[field]);

/** True when nothing but time has passed. */
export const isQuiet = (counts: Counts): boolean => FIELDS.every((field) => field === "spanMs" || counts[field] === 0);

/** The counting part of a sample. Its CDN bytes are the sum of their reasons, so that the two always agree. */
export function sampleFields(
  counts: Counts,
): Pick<
  Sample,
  "spanMs" | "bytes" | "cdnReasons" | "played" | "uploaded" | "wasted" | "stalls" | "stallMs" | "watchMs"
> {
  const { peer, relay, played, uploaded, wasted, stalls, stallMs, watchMs, spanMs } = counts;
  const reasons = Object.fromEntries(CDN_REASONS.map((reason) => [reason, counts[reason]]));
  const cdn = CDN_REASONS.reduce((sum, reason) => sum + counts[reason], 0);
  return {
    spanMs,
    bytes: { cdn, peer, relay },
    cdnReasons: reasons as Record<CdnReason, number>,
    played,
    uploaded,
    wasted,
    stalls,
    stallMs,
    watchMs,
  };
}

function limitOf(field: Field): number {
  if (field === "stalls") return SAMPLE_LIMITS.stalls;
  return field === "stallMs" || field === "watchMs" || field === "spanMs"
    ? SAMPLE_LIMITS.spanMs
    : Math.floor(SAMPLE_LIMITS.bytes / CDN_REASONS.length);
}

function mapFields(value: (field: Field) => number): Counts {
  return Object.fromEntries(FIELDS.map((field) => [field, value(field)])) as Record<Field, number>;
}
