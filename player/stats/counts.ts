import { NEARNESS } from "../../tracker/protocol/index.ts";
import { CDN_REASONS, SAMPLE_LIMITS, type Sample } from "../../worker/protocol/index.ts";
import type { Millis, Shares, Totals } from "../engine/types.ts";

/**
 * All that a sample counts, since the session began; times in milliseconds. Beside the fields below there are two for each neighbour: what
 * came from it (`<` and its id) and what went to it (`>`).
 */
export type Counts = Readonly<Record<string, number>>;

/** What happened in playback, since the session began. */
export type Watched = {
  readonly stalls: number;
  readonly stallMs: Millis;
  readonly watchMs: Millis;
  readonly stallTimes: readonly Millis[];
  readonly errors: number;
};

/** What the session counts. `overhead`: bytes of the mesh's own protocol. */
export type Traffic = { readonly totals: Totals; readonly shares: Shares; readonly overhead: number };

/** Zero of everything. */
export const ZERO: Counts = {};

/** Puts together what the session and the player count. `spanMs`: time since the session began. */
export function countsOf({ totals, shares, overhead }: Traffic, watched: Watched, spanMs: Millis): Counts {
  const { relay, played, uploaded, wasted } = totals;
  const { stalls, stallMs, watchMs, stallTimes, errors } = watched;
  const counts: Record<string, number> = { ...totals.cdnReasons, ...shares.near, relay, played, uploaded, wasted };
  for (const [peer, { received, sent }] of shares.links) {
    counts[`<${peer}`] = received;
    counts[`>${peer}`] = sent;
  }
  return { ...counts, overhead, stalls, stallMs, watchMs, ended: stallTimes.length, errors, spanMs };
}

/** What of `now` is not in `told`, in whole numbers and within a sample's limits. What is cut off is left for the next one. */
export function untold(now: Counts, told: Counts): Counts {
  return mapOver(now, (field) => Math.min(limitOf(field), Math.max(0, Math.floor(of(now, field) - of(told, field)))));
}

export const plus = (a: Counts, b: Counts): Counts => mapOver(b, (field) => of(a, field) + of(b, field));
export const minus = (a: Counts, b: Counts): Counts => mapOver(a, (field) => of(a, field) - of(b, field));

/** One count. */
export const of = (counts: Counts, field: string): number => counts[field] ?? 0;

/** True when nothing but time and the mesh's own protocol has passed. */
export const isQuiet = ({ spanMs, overhead, ...rest }: Counts): boolean =>
  Object.values(rest).every((one) => one === 0);

/** The counting part of a sample. Bytes are the sum of their parts, so that the two always agree. */
export function sampleFields(counts: Counts) {
  const pick = <Name extends string>(names: readonly Name[]) =>
    Object.fromEntries(names.map((name) => [name, of(counts, name)])) as Record<Name, number>;
  const sum = (names: readonly string[]) => names.reduce((all, name) => all + of(counts, name), 0);
  return {
    ...pick(["spanMs", "played", "uploaded", "wasted", "overhead", "stalls", "stallMs", "watchMs", "errors"]),
    bytes: { cdn: sum(CDN_REASONS), peer: sum(NEARNESS), relay: of(counts, "relay") },
    cdnReasons: pick(CDN_REASONS),
    peerBytes: pick(NEARNESS),
    links: linksOf(counts),
  };
}

/** Neighbours beyond the limit are left out: their bytes are in the sums all the same. */
function linksOf(counts: Counts): Sample["links"] {
  return Object.keys(counts)
    .filter((field) => field.startsWith("<"))
    .map((field) => field.slice(1) as Sample["links"][number]["peer"])
    .map((peer) => ({ peer, received: of(counts, `<${peer}`), sent: of(counts, `>${peer}`) }))
    .filter(({ received, sent }) => received + sent > 0)
    .slice(0, SAMPLE_LIMITS.links);
}

function limitOf(field: string): number {
  if (field === "ended") return SAMPLE_LIMITS.stallTimes;
  if (field === "stalls" || field === "errors") return SAMPLE_LIMITS[field];
  return field.endsWith("Ms") ? SAMPLE_LIMITS.spanMs : Math.floor(SAMPLE_LIMITS.bytes / CDN_REASONS.length);
}

const mapOver = (counts: Counts, value: (field: string) => number): Counts =>
  Object.fromEntries(Object.keys(counts).map((field) => [field, value(field)]));
