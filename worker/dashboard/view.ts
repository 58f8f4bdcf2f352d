import { BREAKDOWN_DIMENSIONS, type BreakdownDimension } from "../protocol/summary.ts";
import { lazy } from "./turns.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The time ranges on offer. `alignMs` is the bucket width that the series has over such a range. */
export const RANGES = [
  { id: "15m", label: "15 min", words: "Last 15 minutes", ms: 15 * MINUTE_MS, alignMs: MINUTE_MS },
  { id: "1h", label: "1 h", words: "Last hour", ms: HOUR_MS, alignMs: MINUTE_MS },
  { id: "6h", label: "6 h", words: "Last 6 hours", ms: 6 * HOUR_MS, alignMs: 2 * MINUTE_MS },
  { id: "24h", label: "24 h", words: "Last 24 hours", ms: DAY_MS, alignMs: 10 * MINUTE_MS },
  { id: "7d", label: "7 d", words: "Last 7 days", ms: 7 * DAY_MS, alignMs: HOUR_MS },
  { id: "30d", label: "30 d", words: "Last 30 days", ms: 30 * DAY_MS, alignMs: 4 * HOUR_MS },
] as const;
export type Range = (typeof RANGES)[number];
const DEFAULT_RANGE: Range = RANGES[1];

/** A range that ends now, or one that was chosen; times in milliseconds since 1970. */
export type Period =
  | { readonly kind: "last"; readonly range: Range }
  | { readonly kind: "fixed"; readonly from: number; readonly to: number };

/** What the page shows: an empty stream means all of them, `by` is what the table is broken down by. */
export type View = { readonly stream: string; readonly period: Period; readonly by: BreakdownDimension };

const DEFAULT_BY: BreakdownDimension = "stream";

/** The view that an address names; what it does not name, or names wrongly, is the default. */
export const readView = (search: string): View => {
  const params = new URLSearchParams(search);
  const by = BREAKDOWN_DIMENSIONS.find((dimension) => dimension === params.get("by")) ?? DEFAULT_BY;
  return { stream: params.get("stream") ?? "", period: readPeriod(params), by };
};

const readPeriod = (params: URLSearchParams): Period => {
  const [from, to] = [Date.parse(params.get("from") ?? ""), Date.parse(params.get("to") ?? "")];
  if (from < to) return { kind: "fixed", from, to };
  return { kind: "last", range: RANGES.find(({ id }) => id === params.get("range")) ?? DEFAULT_RANGE };
};

/** The search part of a view's address, "" for the default view. */
export const viewSearch = ({ stream, period, by }: View): string => {
  const params = new URLSearchParams();
  if (stream !== "") params.set("stream", stream);
  if (period.kind === "fixed") {
    params.set("from", isoOf(period.from));
    params.set("to", isoOf(period.to));
  } else if (period.range !== DEFAULT_RANGE) {
    params.set("range", period.range.id);
  }
  if (by !== DEFAULT_BY) params.set("by", by);
  return params.size === 0 ? "" : `?${params}`;
};

/** A time to the minute, as an address has it. */
const isoOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`;

/**
 * The times to ask for at `now`, in milliseconds since 1970: a range that ends now ends with the running minute and starts on a
 * whole bucket, for half a bucket at the edge would look like a dip.
 */
export const timesOf = (period: Period, now: number): { from: number; to: number } => {
  if (period.kind === "fixed") return { from: period.from, to: period.to };
  const { ms, alignMs } = period.range;
  const to = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  return { from: Math.ceil((to - ms) / alignMs) * alignMs, to };
};

/** The query that all reports of a view have in common. */
export const queryOf = ({ stream, period }: View, now: number): URLSearchParams => {
  const { from, to } = timesOf(period, now);
  return new URLSearchParams({ stream, from: `${from}`, to: `${to}`, tz: timeZone() });
};

/** The reader's own zone: their days begin at midnight there. */
const timeZone = lazy(() => Intl.DateTimeFormat().resolvedOptions().timeZone);

const dateTime = lazy(() => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }));

/** What a view is about, in words: `Last hour, all streams`. */
export const viewWords = ({ stream, period }: View): string => {
  const when = period.kind === "last" ? period.range.words : dateTime().formatRange(period.from, period.to);
  return `${when}, ${stream === "" ? "all streams" : `stream ${stream}`}`;
};
