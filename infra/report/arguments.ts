import { parseArgs } from "node:util";
import { BREAKDOWN_DIMENSIONS } from "../../worker/protocol/index.ts";

/** What `npm run report` was asked for. */
export type Wanted = {
  /** Address of the reports: `http://…/api/v1/reports/<report>?…`. */
  readonly url: URL;
  readonly token: string | undefined;
  readonly format: "table" | "csv" | "json";
};

export type ReadArguments =
  | { readonly kind: "wanted"; readonly wanted: Wanted }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

export const REPORTS = ["summary", "series", "breakdown", "streams", "sessions", "holdout"] as const;
const FORMATS = ["table", "csv", "json"] as const;

export const HELP = `npm run report -- [options]

  --report NAME    ${REPORTS.join(", ")}. Default: summary
  --stream NAME    one stream. Default: all
  --site NAME      one site. Default: all that the token opens
  --from, --to     milliseconds since 1970, or ISO 8601. Default: the last hour
  --by NAME        of breakdown: ${BREAKDOWN_DIMENSIONS.join(", ")}
  --bucket WIDTH   of series: minute, hour or day
  --tz ZONE        of series: where days begin, such as Europe/Berlin
  --format NAME    table, csv or json. Default: table
  --url URL        the server. Default: SHOAL_URL, or http://127.0.0.1:8080
  --token TOKEN    opens reports. Default: SHOAL_TOKEN
`;

const OPTIONS = {
  report: { type: "string" },
  stream: { type: "string" },
  site: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  by: { type: "string" },
  bucket: { type: "string" },
  tz: { type: "string" },
  format: { type: "string" },
  url: { type: "string" },
  token: { type: "string" },
  help: { type: "boolean" },
} as const;

/** Parameters that go to the server as they are; it says what is wrong with them. */
const PASSED_ON = ["stream", "site", "from", "to", "by", "bucket", "tz"] as const;

/** Reads the command line. */
export const readArguments = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReadArguments => {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : String(error) };
  }
  if (values.help === true) return { kind: "help" };
  const report = REPORTS.find(
    (name) => name === (values.report ?? (values.by === undefined ? "summary" : "breakdown")),
  );
  const format = FORMATS.find((name) => name === (values.format ?? "table"));
  if (report === undefined) return { kind: "wrong", message: `--report must be one of ${REPORTS.join(", ")}` };
  if (format === undefined) return { kind: "wrong", message: `--format must be one of ${FORMATS.join(", ")}` };
  const server = values.url ?? env.SHOAL_URL ?? "http://127.0.0.1:8080";
  if (!URL.canParse(server)) return { kind: "wrong", message: `--url must be a URL, not "${server}"` };

  const url = new URL(`api/v1/reports/${report}`, server.endsWith("/") ? server : `${server}/`);
  for (const name of PASSED_ON) {
    const value = values[name];
    if (value !== undefined) url.searchParams.set(name, value);
  }
  if (format === "csv") url.searchParams.set("format", "csv");
  return { kind: "wanted", wanted: { url, token: values.token ?? env.SHOAL_TOKEN, format } };
};

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS, strict: true }).values;
