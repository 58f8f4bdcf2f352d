import * as v from "valibot";
import { LIMITS, type StreamId, StreamIdSchema } from "../../tracker/protocol/index.ts";
import type { Series, StreamList, Summary } from "../protocol/index.ts";
import {
  badStream,
  type MinuteRange,
  type Outcome,
  type QueryFault,
  resolveRange,
  seriesOf,
  summarise,
} from "../reports/index.ts";
import type { ReportStore } from "../store/port.ts";

/**
 * What a report is about. Times are milliseconds since 1970; left out, the range is the last hour. No stream means all
 * of them.
 */
export type ReportQuery = {
  readonly stream?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
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

/** The questions that the report page asks. Each rejects with `QueryRefused` when the query makes no sense. */
export type Reports = {
  readonly summary: (query: ReportQuery) => Promise<Summary>;
  readonly series: (query: ReportQuery) => Promise<Series>;
  readonly streams: () => Promise<StreamList>;
};

export const createReports = (deps: {
  readonly store: ReportStore;
  readonly clock: () => number;
  readonly retentionMinutes: number;
}): Reports => {
  const { store } = deps;
  const resolve = (query: ReportQuery): { stream: StreamId | null; range: MinuteRange } => ({
    stream: granted(readStream(query.stream)),
    range: granted(resolveRange(query, deps.clock(), deps.retentionMinutes)),
  });

  return {
    summary: async (query) => {
      const { stream, range } = resolve(query);
      return summarise(stream, range, await store.read(stream, range));
    },
    series: async (query) => {
      const { stream, range } = resolve(query);
      return seriesOf(stream, range, await store.read(stream, range));
    },
    streams: async () => ({ streams: await store.streams() }),
  };
};

const readStream = (stream: string | undefined): Outcome<StreamId | null> => {
  if (stream === undefined || stream === "") return { ok: true, value: null };
  const parsed = v.safeParse(StreamIdSchema, stream);
  return parsed.success ? { ok: true, value: parsed.output } : badStream(LIMITS.streamLength);
};

const granted = <T>(outcome: Outcome<T>): T => {
  if (!outcome.ok) throw new QueryRefused(outcome.fault);
  return outcome.value;
};
