import { MINUTE_MS, type Minute, minuteOf } from "./minute.ts";

/** Range of a query that names none, in milliseconds: the last hour. */
export const DEFAULT_RANGE_MS = 60 * MINUTE_MS;

/** Latest time that a query may name: the end of the year 9999. */
const LATEST = 253_402_300_799_999;

/** Whole minutes, `to` exclusive, `from < to`. */
export type MinuteRange = { readonly from: Minute; readonly to: Minute };

/** Why a query cannot be answered; `code` is stable, `message` says what to do. */
export const QUERY_FAULTS = ["badStream", "badTime", "reversedRange", "rangeTooLong"] as const;
export type QueryFault = { readonly code: (typeof QUERY_FAULTS)[number]; readonly message: string };

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: QueryFault };

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
 * Rounds a query's range (milliseconds since 1970) outwards to whole minutes. Left out, `to` is the end of the running
 * minute and `from` an hour before `to`. A range may be as long as the retention, plus the minute that rounding adds.
 */
export const resolveRange = (
  query: { readonly from?: number | undefined; readonly to?: number | undefined },
  now: number,
  retentionMinutes: number,
): Outcome<MinuteRange> => {
  const to = query.to ?? (minuteOf(now) + 1) * MINUTE_MS;
  const from = query.from ?? Math.max(0, to - DEFAULT_RANGE_MS);
  if (from >= to) return fault("reversedRange", "`from` must be before `to`.");
  const range = { from: minuteOf(from), to: Math.ceil(to / MINUTE_MS) };
  if (range.to - range.from > retentionMinutes + 1) {
    return fault("rangeTooLong", `The range is too long: reports are kept for ${retentionMinutes} minutes.`);
  }
  return { ok: true, value: range };
};

/** The fault of a time that `parseTime` could not read. */
export const badTime = (name: "from" | "to"): { ok: false; fault: QueryFault } =>
  fault(
    "badTime",
    `\`${name}\` must be milliseconds since 1970 or ISO 8601 with a zone, such as 2026-01-31T12:00:00Z.`,
  );

/** The fault of a stream that is none. */
export const badStream = (longest: number): { ok: false; fault: QueryFault } =>
  fault("badStream", `\`stream\` must be one stream id of at most ${longest} characters, or left out for all streams.`);
