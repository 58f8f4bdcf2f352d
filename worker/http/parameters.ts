import type { ParsedUrlQuery } from "node:querystring";
import { BREAKDOWN_DIMENSIONS, type BreakdownDimension } from "../protocol/index.ts";
import { parseTime, type QueryFault, queryFault, RESOLUTIONS } from "../reports/index.ts";
import { ANY_SITE, type Granted } from "./access.ts";
import { QueryRefused, type ReportQuery, type SeriesQuery } from "./queries.ts";

/** Longest name of a site. */
const SITE_LENGTH = 64;

const refuse = (code: QueryFault["code"], message: string): never => {
  throw new QueryRefused(queryFault(code, message));
};

/** A parameter that may be given once. Empty is as good as left out. */
const single = (query: ParsedUrlQuery, name: string, code: QueryFault["code"]): string | undefined => {
  const value = query[name];
  if (Array.isArray(value)) return refuse(code, `\`${name}\` must be given once.`);
  return value === "" ? undefined : value;
};

const oneOf = <Value extends string>(
  query: ParsedUrlQuery,
  name: string,
  values: readonly Value[],
  code: QueryFault["code"],
): Value | undefined => {
  const given = single(query, name, code);
  if (given === undefined) return undefined;
  return values.find((value) => value === given) ?? refuse(code, `\`${name}\` must be one of ${values.join(", ")}.`);
};

const time = (query: ParsedUrlQuery, name: "from" | "to"): number | undefined => {
  const text = single(query, name, "badTime");
  if (text === undefined) return undefined;
  const wanted = "milliseconds since 1970 or ISO 8601 with a zone, such as 2026-01-31T12:00:00Z";
  return parseTime(text) ?? refuse("badTime", `\`${name}\` must be ${wanted}.`);
};

/** The site that was asked for, as far as the token allows; undefined: all of them. */
export const readSite = (query: ParsedUrlQuery, granted: Extract<Granted, { kind: "granted" }>): string | undefined => {
  const asked = single(query, "site", "badSite");
  if (asked !== undefined && asked.length > SITE_LENGTH) {
    return refuse("badSite", `\`site\` must have at most ${SITE_LENGTH} characters.`);
  }
  if (granted.site === ANY_SITE) return asked;
  // A token opens one site. Whether another exists is none of its holder's business.
  if (asked !== undefined && asked !== granted.site)
    return refuse("badSite", "This token opens another site's reports.");
  return granted.site;
};

/** What all reports take. */
export const readQuery = (query: ParsedUrlQuery, site: string | undefined): ReportQuery => ({
  site,
  stream: single(query, "stream", "badStream"),
  from: time(query, "from"),
  to: time(query, "to"),
});

/** What a series takes beside that. */
export const readSeriesQuery = (query: ParsedUrlQuery, site: string | undefined): SeriesQuery => ({
  ...readQuery(query, site),
  timeZone: single(query, "tz", "badTimeZone"),
  bucket: oneOf(query, "bucket", RESOLUTIONS, "badBucket"),
});

export const readDimension = (query: ParsedUrlQuery): BreakdownDimension =>
  oneOf(query, "by", BREAKDOWN_DIMENSIONS, "badDimension") ??
  refuse("badDimension", `\`by\` must be one of ${BREAKDOWN_DIMENSIONS.join(", ")}.`);

export const readFormat = (query: ParsedUrlQuery): "json" | "csv" =>
  oneOf(query, "format", ["json", "csv"], "badFormat") ?? "json";
