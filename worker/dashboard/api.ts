import type { Series, StreamList, Summary } from "../protocol/summary.ts";
import { rangeAt, type View } from "./view.ts";

/** All that one look at the page needs, as of the same moment. */
export type Report = {
  readonly view: View;
  readonly summary: Summary;
  readonly series: Series;
  readonly streams: StreamList["streams"];
  /** Viewers in the last two minutes. */
  readonly viewersNow: number;
};

export type Answer =
  | { readonly kind: "report"; readonly report: Report }
  /** The server understood and said no, in its own words. */
  | { readonly kind: "refused"; readonly message: string }
  /** Nothing came, or nothing that makes sense. */
  | { readonly kind: "unreachable" };

const API = "/api/v1/reports";
/** Longest wait for an answer, in milliseconds. */
const TIMEOUT_MS = 10_000;
const NOW_MS = 2 * 60_000;

class Refused extends Error {}

/** Fetches a view's report. Never rejects, except with the abort of `signal`. */
export const fetchReport = async (view: View, now: number, signal: AbortSignal): Promise<Answer> => {
  const range = rangeAt(view.range, now);
  const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  // The page comes from the server that answers, so that the types are those of its own protocol.
  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(API + path, { signal: within, headers: { accept: "application/json" } });
    const body = await response.json();
    if (response.status === 400) throw new Refused(String(body.message));
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return body;
  };
  const query = (from: number) =>
    `?${new URLSearchParams({ stream: view.stream, from: `${from}`, to: `${range.to}` })}`;

  try {
    const [summary, series, { streams }, recent] = await Promise.all([
      get<Summary>(`/summary${query(range.from)}`),
      get<Series>(`/series${query(range.from)}`),
      get<StreamList>("/streams"),
      get<Summary>(`/summary${query(range.to - NOW_MS)}`),
    ]);
    return { kind: "report", report: { view, summary, series, streams, viewersNow: recent.viewers.peak } };
  } catch (error) {
    if (signal.aborted) throw error;
    return error instanceof Refused ? { kind: "refused", message: error.message } : { kind: "unreachable" };
  }
};
