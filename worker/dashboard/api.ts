import type { Breakdown, Holdout, Series, StreamList, Summary } from "../protocol/summary.ts";
import { authorization } from "./token.ts";
import { queryOf, type View } from "./view.ts";

/** All that one look at the page needs, as of the same moment. */
export type Report = {
  readonly view: View;
  readonly summary: Summary;
  readonly series: Series;
  readonly streams: StreamList["streams"];
  readonly breakdown: Breakdown;
  readonly holdout: Holdout;
  /** The last minutes, whatever the range: what is going on now. */
  readonly now: Summary;
};

export type Answer =
  | { readonly kind: "report"; readonly report: Report }
  /** The server asks who wants to know, in its own words. */
  | { readonly kind: "locked"; readonly message: string }
  /** The server understood and said no, in its own words. */
  | { readonly kind: "refused"; readonly message: string }
  /** Nothing came, or nothing that makes sense. */
  | { readonly kind: "unreachable" };

const API = "/api/v1/reports";
/** Longest wait for an answer, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** "Now" is this long, in milliseconds. */
const NOW_MS = 2 * 60_000;

class Refusal extends Error {
  readonly kind: "locked" | "refused";
  constructor(kind: "locked" | "refused", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Fetches a view's report. Never rejects, except with the abort of `signal`. */
export const fetchReport = async (view: View, now: number, signal: AbortSignal): Promise<Answer> => {
  const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  // The page comes from the server that answers, so that the types are those of its own protocol.
  const get = async <T>(path: string, query: URLSearchParams): Promise<T> => {
    const response = await ask(path, query, within);
    return response.json();
  };
  const query = queryOf(view, now);
  const recent = new URLSearchParams({ stream: view.stream, from: `${now - NOW_MS}`, to: `${now}` });
  const by = new URLSearchParams([...query, ["by", view.by]]);

  try {
    const [summary, series, { streams }, breakdown, holdout, lately] = await Promise.all([
      get<Summary>("summary", query),
      get<Series>("series", query),
      get<StreamList>("streams", new URLSearchParams()),
      get<Breakdown>("breakdown", by),
      get<Holdout>("holdout", query),
      get<Summary>("summary", recent),
    ]);
    return { kind: "report", report: { view, summary, series, streams, breakdown, holdout, now: lately } };
  } catch (error) {
    if (signal.aborted) throw error;
    return error instanceof Refusal ? { kind: error.kind, message: error.message } : { kind: "unreachable" };
  }
};

/** One report as a CSV file. Rejects with what to tell the reader. */
export const fetchCsv = async (path: string, query: URLSearchParams): Promise<Blob> => {
  const csv = new URLSearchParams([...query, ["format", "csv"]]);
  return (await ask(path, csv, AbortSignal.timeout(TIMEOUT_MS))).blob();
};

const ask = async (path: string, query: URLSearchParams, signal: AbortSignal): Promise<Response> => {
  const response = await fetch(`${API}/${path}?${query}`, { signal, headers: authorization() });
  if (response.ok) return response;
  if (response.status !== 400 && response.status !== 401) throw new Error(`HTTP ${response.status}`);
  const { message } = await response.json();
  throw new Refusal(response.status === 401 ? "locked" : "refused", String(message));
};
