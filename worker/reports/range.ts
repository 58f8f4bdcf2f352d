import { BUCKET_MS, DAY_MS, MINUTE_MS, RESOLUTIONS, RETENTION_MS, type Resolution } from "./bucket.ts";
import { type Dimension, keptMs, specOf } from "./dimensions.ts";

/** Range of a query that names none, in milliseconds: the last hour. */
export const DEFAULT_RANGE_MS = 60 * MINUTE_MS;

/** Latest time that a query may name: the end of the year 9999. */
const LATEST = 253_402_300_799_999;

/** Milliseconds since 1970, on the borders of buckets of the resolution `edge`; `to` is exclusive, `from < to`. */
export type Range = { readonly from: number; readonly to: number; readonly edge: Resolution };

/** Longest range of a query, in milliseconds: as long as days are kept, and the day that rounding adds. */
export const LONGEST_RANGE_MS = RETENTION_MS.day + DAY_MS;

/** Why a query cannot be answered; `code` is stable, `message` says what to do. */
export const QUERY_FAULTS = [
  "badStream",
  "badTime",
  "badTimeZone",
  "badBucket",
  "badDimension",
  "badFormat",
  "badSite",
  "reversedRange",
  "rangeTooLong",
  "tooManyPoints",
] as const;
export type QueryFault = { readonly code: (typeof QUERY_FAULTS)[number]; readonly message: string };

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: QueryFault };

/** A fault in words. */
export const queryFault = (code: QueryFault["code"], message: string): QueryFault => ({ code, message });

const fault = (code: QueryFault["code"], message: string): { ok: false; fault: QueryFault } => ({
  ok: false,
  fault: { code, message },
});

const ISO_TIME = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

/**
 * Reads a time from a query: milliseconds since 1970, or ISO 8601 as a date (its start in UTC) or a date and time with
 * `Z` or an offset. A `+` that the URL turned into a space is put back. Null when it is neither.
 */
export const parseTime = (text: string): number | null => {
  if (/^\d{1,15}$/.test(text)) return Number(text) <= LATEST ? Number(text) : null;
  const iso = text.replace(/ (?=\d\d:\d\d$)/, "+");
  const date = ISO_TIME.exec(iso)?.[1];
  if (date === undefined) return null;
  const day = Date.parse(date);
  // Date.parse rolls 30 February over to March.
  if (Number.isNaN(day) || !new Date(day).toISOString().startsWith(date)) return null;
  const at = Date.parse(iso);
  return at >= 0 && at <= LATEST ? at : null;
};

/**
 * Rounds a query's range (milliseconds since 1970) outwards to whole buckets: to minutes while those of its beginning are kept in this
 * dimension, else to hours, else to days. Left out, `to` is the end of the running minute and `from` an hour before `to`.
 */
export const resolveRange = (
  query: { readonly from?: number | undefined; readonly to?: number | undefined },
  now: number,
  dimension: Dimension,
): Outcome<Range> => {
  const to = query.to ?? (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
  const from = query.from ?? Math.max(0, to - DEFAULT_RANGE_MS);
  if (from >= to) return fault("reversedRange", "`from` must be before `to`.");
  if (to - from > LONGEST_RANGE_MS) {
    return fault("rangeTooLong", `The range is too long: reports are kept for ${RETENTION_MS.day / DAY_MS} days.`);
  }
  const edge = edgeOf(from, now, dimension);
  const width = BUCKET_MS[edge];
  return { ok: true, value: { from: Math.floor(from / width) * width, to: Math.ceil(to / width) * width, edge } };
};

/** The finest resolution whose buckets at `from` are still kept; of what is too old for all of them, the widest. */
const edgeOf = (from: number, now: number, dimension: Dimension): Resolution => {
  const { resolutions } = specOf(dimension);
  const kept = resolutions.find((resolution) => from >= now - keptMs(dimension, resolution));
  return kept ?? resolutions.at(-1) ?? RESOLUTIONS[2];
};
