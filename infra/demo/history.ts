import type { SegmentEvent, ShoalStats } from "../../player/embed/api.ts";

/** Rates are measured over this time, in milliseconds: long enough that they do not jump from segment to segment. */
const RATE_MS = 12_000;
/** Segments that the page remembers. */
export const SEGMENTS_SHOWN = 24;

const COUNTED = ["cdnBytes", "peerBytes", "relayBytes", "uploadBytes"] as const;
type Counted = Pick<ShoalStats, (typeof COUNTED)[number]>;

/** Bits per second. */
export type Rates = { readonly [Name in keyof Counted]: number };

/** What the page remembers of a session. */
export type History = {
  readonly points: readonly (Counted & { readonly at: number })[];
  readonly segments: readonly NumberedSegment[];
};

/** `nth`: the how-manieth segment of this session; unique, as a segment may be played twice. */
export type NumberedSegment = SegmentEvent & { readonly nth: number };

export const emptyHistory: History = { points: [], segments: [] };

/** Notes the counters at `at`, in milliseconds on a monotonic clock. */
export function withStats(history: History, stats: Counted, at: number): History {
  const { cdnBytes, peerBytes, relayBytes, uploadBytes } = stats;
  const recent = history.points.filter((point) => at - point.at <= RATE_MS);
  return { ...history, points: [...recent, { at, cdnBytes, peerBytes, relayBytes, uploadBytes }] };
}

export function withSegment(history: History, segment: SegmentEvent): History {
  const nth = (history.segments.at(-1)?.nth ?? 0) + 1;
  return { ...history, segments: [...history.segments, { ...segment, nth }].slice(-SEGMENTS_SHOWN) };
}

/** Mean rates over the time remembered; 0 until two points are known. */
export function ratesOf({ points }: History): Rates {
  const [first] = points;
  const last = points.at(-1);
  const rate = (name: keyof Counted): number =>
    first && last && last.at > first.at ? ((last[name] - first[name]) * 8000) / (last.at - first.at) : 0;
  return {
    cdnBytes: rate("cdnBytes"),
    peerBytes: rate("peerBytes"),
    relayBytes: rate("relayBytes"),
    uploadBytes: rate("uploadBytes"),
  };
}
