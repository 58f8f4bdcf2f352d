/** The time ranges on offer. `alignMs` is the bucket width that the series has over such a range. */
export const RANGES = [
  { id: "15m", label: "15 min", words: "Last 15 minutes", ms: 15 * 60_000, alignMs: 60_000 },
  { id: "1h", label: "1 hour", words: "Last hour", ms: 3_600_000, alignMs: 60_000 },
  { id: "6h", label: "6 hours", words: "Last 6 hours", ms: 6 * 3_600_000, alignMs: 2 * 60_000 },
  { id: "24h", label: "24 hours", words: "Last 24 hours", ms: 24 * 3_600_000, alignMs: 10 * 60_000 },
] as const;
export type Range = (typeof RANGES)[number];
const DEFAULT_RANGE: Range = RANGES[1];

/** What the page shows: an empty stream means all of them. */
export type View = { readonly stream: string; readonly range: Range };

/** The view that an address names; what it does not name, or names wrongly, is the default. */
export const readView = (search: string): View => {
  const params = new URLSearchParams(search);
  const range = RANGES.find(({ id }) => id === params.get("range")) ?? DEFAULT_RANGE;
  return { stream: params.get("stream") ?? "", range };
};

/** The search part of a view's address, "" for the default view. */
export const viewSearch = ({ stream, range }: View): string => {
  const params = new URLSearchParams();
  if (stream !== "") params.set("stream", stream);
  if (range !== DEFAULT_RANGE) params.set("range", range.id);
  return params.size === 0 ? "" : `?${params}`;
};

/**
 * The range to ask for at `now`, in milliseconds since 1970: it ends with the running minute and starts on a whole
 * bucket, for half a bucket at the edge would look like a dip.
 */
export const rangeAt = ({ ms, alignMs }: Range, now: number): { from: number; to: number } => {
  const to = (Math.floor(now / 60_000) + 1) * 60_000;
  return { from: Math.ceil((to - ms) / alignMs) * alignMs, to };
};
