import { TRACKER_VARIABLES } from "../../tracker/config/index.ts";

/** One environment variable: what it is when unset, and what it means. */
export type Variable = { readonly default: string; readonly meaning: string };

/** Variables of the HTTP shell. */
export const SHELL_VARIABLES = {
  PORT: { default: "8080", meaning: "TCP port to listen on (0 to 65535); 0 takes any free one." },
  HOST: { default: "127.0.0.1", meaning: "Address to listen on; `0.0.0.0` lets other machines in." },
  LOG_LEVEL: {
    default: "warn",
    meaning: "What is logged, as JSON on stdout: trace, debug, info, warn, error or silent.",
  },
} as const satisfies Record<string, Variable>;

/** Where processes keep what they share. */
export const REDIS_VARIABLES = {
  REDIS_URL: {
    default: "",
    meaning:
      "Redis 7 or Valkey that the processes share: `redis://` or `rediss://` (TLS), with user and password where needed; or " +
      "`redis+cluster://` (`rediss+cluster://`) and some nodes of a Redis Cluster, comma separated. Unset: in memory.",
  },
  REDIS_PREFIX: { default: "shoal", meaning: "What all keys begin with, where others use the same Redis (1 to 64)." },
} as const satisfies Record<string, Variable>;

/** Where a process without Redis keeps its reports. */
export const DATA_VARIABLES = {
  DATA_DIR: {
    default: "data",
    meaning: "Folder in which reports outlive the process where there is no Redis; one process at a time may use it.",
  },
} as const satisfies Record<string, Variable>;

/** Whom to tell when delivery suffers. */
export const ALERT_VARIABLES = {
  ALERT_WEBHOOK: { default: "", meaning: "URL that alerts are posted to, as signed JSON. Unset: no alerts." },
  ALERT_SECRET: { default: "", meaning: "Key of the signature (HMAC-SHA256), at least 16 characters." },
  ALERT_OFFLOAD_BELOW: {
    default: "",
    meaning: "Tell when neighbours carry less than this share of a stream, such as 0.5. Unset: never.",
  },
  ALERT_STALLS_ABOVE: {
    default: "",
    meaning: "Tell when the picture stands still for more than this share of the time, such as 0.02. Unset: never.",
  },
  ALERT_SILENCE_MINUTES: {
    default: "",
    meaning: "Tell when a site that had viewers is silent for so many minutes (2 to 120). Unset: never.",
  },
} as const satisfies Record<string, Variable>;

/** Variables of the worker. */
export const WORKER_VARIABLES = {
  MAX_STREAMS: {
    default: "1000",
    meaning: "Streams reported one by one for each site and day; the rest counts as `other`.",
  },
  REPORT_TOKENS: {
    default: "",
    meaning:
      "Tokens that open reports, as `site:token`, comma separated, each of at least 16 characters; `*` for every site. " +
      "Unset: open to this machine alone, closed when HOST lets others in.",
  },
  PRICE_PER_GB: {
    default: "",
    meaning:
      "Price of a gigabyte from the CDN, or tiers of `fromGB:price` such as `0:0.05,10000:0.03`. Unset: no money.",
  },
  TURN_PRICE_PER_GB: { default: "0", meaning: "Price of a gigabyte through TURN." },
  CURRENCY: { default: "USD", meaning: "What prices are in, as reports write it." },
} as const satisfies Record<string, Variable>;

export type Role = "all" | "tracker" | "worker";

/** What a role reads, by group and in the order in which help lists it. */
export function variablesOf(role: Role): readonly (readonly [group: string, variables: Record<string, Variable>])[] {
  const server = ["Server", SHELL_VARIABLES] as const;
  const tracker = ["Tracker", TRACKER_VARIABLES] as const;
  const reports = [["Reports", WORKER_VARIABLES] as const, ["Alerts", ALERT_VARIABLES] as const];
  switch (role) {
    case "all":
      return [server, ["Storage", { ...REDIS_VARIABLES, ...DATA_VARIABLES }], tracker, ...reports];
    case "tracker":
      return [server, ["Storage", REDIS_VARIABLES], tracker];
    case "worker":
      return [server, ["Storage", REDIS_VARIABLES], ...reports];
  }
}
