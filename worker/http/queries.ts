import * as v from "valibot";
import { LIMITS, StreamIdSchema } from "../../tracker/protocol/index.ts";
import type {
  Breakdown,
  BreakdownDimension,
  Holdout,
  Series,
  SessionList,
  StreamList,
  Summary,
} from "../protocol/index.ts";
import {
  bucketOf,
  type Cell,
  compare,
  count,
  cover,
  covered,
  DAY_MS,
  type Dimension,
  gridOf,
  MAX_POINTS,
  merge,
  type Outcome,
  type Prices,
  type QueryFault,
  queryFault,
  type Range,
  type Resolution,
  resolveRange,
  rowOf,
  SERIES_COUNTERS,
  type Span,
  seriesOf,
  sessionOf,
  sessionsIn,
  sortRows,
  spansOf,
  summarise,
  TRIALS,
  timeZoneOf,
  widthOf,
} from "../reports/index.ts";
import type { Look, PlacedCell, ReportStore } from "../store/port.ts";

/**
 * What a report is about. Times are milliseconds since 1970; left out, the range is the last hour. No site and no stream mean all
 * of them; streams of the same name on several sites are then one.
 */
export type ReportQuery = {
  readonly site?: string | undefined;
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** `timeZone`: in which days begin, UTC unless given. `bucket`: width of the points; chosen by the length of the range unless given. */
export type SeriesQuery = ReportQuery & {
  readonly timeZone?: string | undefined;
  readonly bucket?: Resolution | undefined;
};

/** A query that cannot be answered, with the stable code of why. */
export class QueryRefused extends Error {
  override readonly name = "QueryRefused";
  readonly code: QueryFault["code"];
  constructor({ code, message }: QueryFault) {
    super(message);
    this.code = code;
  }
}

/** The questions that reports answer. Each rejects with `QueryRefused` when the query makes no sense. */
export type Reports = {
  readonly summary: (query: ReportQuery) => Promise<Summary>;
  readonly series: (query: SeriesQuery) => Promise<Series>;
  readonly breakdown: (query: ReportQuery & { readonly by: BreakdownDimension }) => Promise<Breakdown>;
  readonly streams: (query: Pick<ReportQuery, "site">) => Promise<StreamList>;
  readonly sessions: (query: ReportQuery) => Promise<SessionList>;
  readonly holdout: (query: ReportQuery) => Promise<Holdout>;
};

/** Rows of a breakdown, and sessions of a list, at most. */
export const MAX_ROWS = 1_000;

type Asked = { readonly site: string | null; readonly stream: string | null; readonly range: Range };

export const createReports = (deps: {
  readonly store: ReportStore;
  readonly clock: () => number;
  readonly prices: Prices | null;
}): Reports => {
  const { store, clock } = deps;

  const resolve = (query: ReportQuery, dimension: Dimension): Asked => ({
    site: query.site || null,
    stream: granted(readStream(query.stream)),
    range: granted(resolveRange(query, clock(), dimension)),
  });

  const sitesOf = async (site: string | null): Promise<readonly string[]> => (site === null ? store.sites() : [site]);

  /** Cells by value, those of several sites together. */
  const read = async (site: string | null, look: Look, spans: readonly Span[]): Promise<Map<string, PlacedCell[]>> => {
    const found = new Map<string, PlacedCell[]>();
    for (const one of await sitesOf(site)) {
      for (const [value, cells] of await store.read(one, look, spans)) {
        found.set(value, [...(found.get(value) ?? []), ...cells]);
      }
    }
    return found;
  };

  /** The cells of everything that a query is about. */
  const readTotal = async (
    { site, stream }: Pick<Asked, "site" | "stream">,
    spans: readonly Span[],
    counters?: Look["counters"],
  ): Promise<readonly PlacedCell[]> => {
    const look: Look = stream === null ? { stream, dimension: "all", value: "" } : ofStream(stream);
    return [...(await read(site, counters === undefined ? look : { ...look, counters }, spans)).values()].flat();
  };

  /** The same of each site. */
  const readSites = async (
    { site, stream }: Asked,
    spans: readonly Span[],
  ): Promise<Map<string, readonly PlacedCell[]>> => {
    const found = new Map<string, readonly PlacedCell[]>();
    for (const one of await sitesOf(site)) {
      const cells = await readTotal({ site: one, stream }, spans);
      if (cells.length > 0) found.set(one, cells);
    }
    return found;
  };

  /** Cells by what they are broken down by. */
  const readBy = (asked: Asked, by: BreakdownDimension, spans: readonly Span[]) => {
    if (by === "site") return readSites(asked, spans);
    return read(asked.site, by === "stream" ? ofStream(asked.stream) : { stream: asked.stream, dimension: by }, spans);
  };

  const viewersNow = async (asked: Asked): Promise<number> => {
    const minute = bucketOf(clock(), "minute");
    const last = await readTotal(asked, [{ resolution: "minute", from: minute - 1, to: minute + 1 }], ["inMinute"]);
    const byMinute = [minute - 1, minute].map((one) => merge(cellsOf(last.filter(({ bucket }) => bucket === one))));
    return Math.max(...byMinute.map((cell) => count(cell, "inMinute")));
  };

  const uniqueViewers = async ({ site, stream }: Asked, spans: readonly Span[]): Promise<number> => {
    const counts = (await sitesOf(site)).map((one) => store.viewers(one, stream, spans));
    return (await Promise.all(counts)).reduce((sum, viewers) => sum + viewers, 0);
  };

  return {
    summary: async (query) => {
      const asked = resolve(query, "all");
      const spans = cover(asked.range.from, asked.range.to, asked.range.edge);
      const [cells, unique, now] = await Promise.all([
        readTotal(asked, spans),
        uniqueViewers(asked, spans),
        viewersNow(asked),
      ]);
      return summarise(subjectOf(asked), asked.range, cellsOf(cells), { unique, now }, deps.prices);
    },
    series: async (query) => {
      const asked = resolve(query, "all");
      const zone = granted(readTimeZone(query.timeZone));
      const width = widthOf(asked.range, query.bucket);
      if ((asked.range.to - asked.range.from) / width > MAX_POINTS) {
        throw new QueryRefused(
          queryFault("tooManyPoints", `That would be more than ${MAX_POINTS} points: ask for wider buckets.`),
        );
      }
      const grid = gridOf(asked.range, width, zone);
      const cells = await readTotal(asked, spansOf(grid, asked.range.edge), SERIES_COUNTERS);
      return seriesOf(subjectOf(asked), asked.range, grid, cells);
    },
    breakdown: async ({ by, ...query }) => {
      const asked = resolve(query, by === "site" ? "all" : by);
      const found = await readBy(asked, by, cover(asked.range.from, asked.range.to, asked.range.edge));
      const rows = sortRows([...found].map(([value, cells]) => rowOf(by, value, cells)));
      return { ...subjectOf(asked), ...covered(asked.range), by, rows: rows.slice(0, MAX_ROWS) };
    },
    streams: async ({ site }) => {
      const today = bucketOf(clock(), "day");
      const look: Look = { ...ofStream(null), counters: ["played"] };
      const found = await read(site || null, look, [{ resolution: "day", from: today - 29, to: today + 1 }]);
      const streams = [...found].map(([stream, cells]) => ({
        stream,
        played: cells.reduce((sum, { cell }) => sum + count(cell, "played"), 0),
      }));
      return { streams: streams.sort((a, b) => b.played - a.played || (a.stream < b.stream ? -1 : 1)) };
    },
    sessions: async (query) => {
      // Sessions are kept by the day; left out, the range is the two days that are kept.
      const now = clock();
      const asked = resolve(
        { ...query, from: query.from ?? (query.to ?? now) - DAY_MS, to: query.to ?? now + 1 },
        "session",
      );
      const { site, stream, range } = asked;
      if (stream === null)
        throw new QueryRefused(queryFault("badStream", "`stream` must be given: sessions are listed by stream."));
      const found = await read(site, { stream, dimension: "session" }, cover(range.from, range.to, range.edge));
      const sessions = [...found].flatMap(([value, cells]) => sessionOf(value, cells) ?? []);
      sessions.sort((a, b) => (b.beganAt ?? "").localeCompare(a.beganAt ?? ""));
      return { site, stream, ...covered(range), sessions: sessions.slice(0, MAX_ROWS) };
    },
    holdout: async (query) => {
      const asked = resolve(query, "trial");
      const { stream, range } = asked;
      const found = await read(asked.site, { stream, dimension: "trial" }, cover(range.from, range.to, range.edge));
      const trials = new Map([...found].map(([value, cells]) => [value, merge(cellsOf(cells))]));
      const sessionsOf = (group: string): number =>
        Array.from({ length: TRIALS }, (_, part) => sessionsIn(found.get(`${group}.${part}`) ?? [])).reduce(
          (a, b) => a + b,
          0,
        );
      const sessions = { p2p: sessionsOf("p2p"), holdout: sessionsOf("holdout") };
      return { ...subjectOf(asked), ...covered(range), sessions, ...compare(trials, sessions) };
    },
  };
};

/** The total of a stream, or (null) of each. */
const ofStream = (stream: string | null): Look => ({
  stream: null,
  dimension: "stream",
  ...(stream === null ? {} : { value: stream }),
});

const subjectOf = ({ site, stream }: Asked) => ({ site, stream });

const cellsOf = (cells: readonly PlacedCell[]): Cell[] => cells.map(({ cell }) => cell);

const readStream = (stream: string | undefined): Outcome<string | null> => {
  if (stream === undefined || stream === "") return { ok: true, value: null };
  if (v.is(StreamIdSchema, stream)) return { ok: true, value: stream };
  const message = `\`stream\` must be one stream id of at most ${LIMITS.streamLength} characters, or left out for all streams.`;
  return { ok: false, fault: queryFault("badStream", message) };
};

const readTimeZone = (name: string | undefined): Outcome<string> => {
  const zone = timeZoneOf(name || "UTC");
  if (zone !== null) return { ok: true, value: zone };
  return {
    ok: false,
    fault: queryFault("badTimeZone", "`tz` must be the IANA name of a time zone, such as Europe/Berlin."),
  };
};

const granted = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new QueryRefused(outcome.fault);
  return outcome.value;
};
