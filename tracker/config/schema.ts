import { randomBytes } from "node:crypto";
import * as v from "valibot";
import type { Origins } from "../access/origins.ts";
import type { PlaceFiles } from "../access/places.ts";
import type { Turn } from "../access/turn-credentials.ts";
import type { TokenKeys } from "../access/viewer-token.ts";
import { type IceServer, LIMITS } from "../protocol/index.ts";
import type { Terms } from "../swarm/index.ts";
import { IceServersVariable, TURN_ENTRIES, turnIsWhole, turnOf } from "./ice-servers.ts";
import { OriginsVariable } from "./origins.ts";
import { path, variable, wholeNumber } from "./readers.ts";

/** What an operator decides about a tracker. */
export type TrackerConfig = {
  readonly origins: Origins;
  /** Databases that know where addresses are. */
  readonly placeFiles: PlaceFiles;
  /** File of subnets and their groups. */
  readonly subnetFile: string | undefined;
  readonly iceServers: readonly IceServer[];
  /** TURN servers for which each viewer gets credentials of its own. */
  readonly turn: Turn | undefined;
  /** Proxies whose `X-Forwarded-For` entries are believed. */
  readonly trustProxy: number;
  /** What holds for everybody, until rules of the admin API say otherwise. */
  readonly terms: Terms;
  /** Opens the admin API; without it there is none. */
  readonly adminToken: string | undefined;
  /** What viewers' tokens are checked with; without it everybody may join. */
  readonly tokenKeys: TokenKeys | undefined;
  /** Neighbours that a newcomer is introduced to, up to `LIMITS.neighbours`. */
  readonly neighbours: number;
  readonly site: string;
  readonly swarmSecret: string;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly messagesPerSecond: number;
  /** Are WebTorrent clients served too. */
  readonly webtorrent: boolean;
  /** May the log name viewers' addresses. */
  readonly logAddresses: boolean;
};

const Variables = v.object({
  ALLOWED_ORIGINS: OriginsVariable,
  ICE_SERVERS: IceServersVariable,
  ...TURN_ENTRIES,
  MMDB_COUNTRY: path("MMDB_COUNTRY"),
  MMDB_ASN: path("MMDB_ASN"),
  SUBNET_GROUPS: path("SUBNET_GROUPS"),
  TRUST_PROXY: wholeNumber("TRUST_PROXY", 0, 16),
  UPLOAD_LIMIT: wholeNumber("UPLOAD_LIMIT", 0, 100_000_000_000),
  SAMPLE_INTERVAL: wholeNumber("SAMPLE_INTERVAL", 500, 300_000),
  P2P_MODE: v.pipe(
    variable("P2P_MODE"),
    v.picklist(["share", "receive", "off"], "P2P_MODE: expected share, receive or off"),
  ),
  HOLDOUT_SHARE: v.pipe(
    variable("HOLDOUT_SHARE"),
    v.regex(/^(0|1|0?\.\d{1,9}|1\.0{1,9})$/, "HOLDOUT_SHARE: expected a share from 0 to 1, such as 0.05"),
    v.transform(Number),
  ),
  ADMIN_TOKEN: v.pipe(
    variable("ADMIN_TOKEN"),
    v.check(
      (text) => text === "" || /^\S{16,4096}$/.test(text),
      "ADMIN_TOKEN: expected at least 16 characters without space",
    ),
    v.transform((text) => text || undefined),
  ),
  TOKEN_SECRET: v.pipe(
    variable("TOKEN_SECRET"),
    v.check((text) => text === "" || text.length >= 32, "TOKEN_SECRET: expected at least 32 characters"),
  ),
  TOKEN_JWKS: v.pipe(
    variable("TOKEN_JWKS"),
    v.check(
      (text) => text === "" || (/^https?:\/\/./.test(text) && URL.canParse(text)),
      "TOKEN_JWKS: expected an http(s) URL",
    ),
  ),
  NEIGHBOURS: wholeNumber("NEIGHBOURS", 1, LIMITS.neighbours),
  SITE: v.pipe(variable("SITE"), v.maxLength(64, "SITE: expected at most 64 characters")),
  SWARM_SECRET: v.pipe(
    variable("SWARM_SECRET"),
    v.check((text) => text === "" || text.length >= 16, "SWARM_SECRET: expected at least 16 characters"),
    v.transform((text) => text || randomBytes(32).toString("base64url")),
  ),
  MAX_CONNECTIONS: wholeNumber("MAX_CONNECTIONS", 1, 1_000_000),
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber("MAX_CONNECTIONS_PER_ADDRESS", 1, 1_000_000),
  MESSAGES_PER_SECOND: wholeNumber("MESSAGES_PER_SECOND", 1, 10_000),
  WEBTORRENT: v.pipe(variable("WEBTORRENT"), v.picklist(["auto", "on", "off"], "WEBTORRENT: expected auto, on or off")),
  LOG_ADDRESSES: v.pipe(variable("LOG_ADDRESSES"), v.picklist(["on", "off"], "LOG_ADDRESSES: expected on or off")),
});

/**
 * Reads the tracker's variables from an environment (`process.env`); others are left alone. Each issue's message begins with
 * the variable's name and says what is expected.
 */
export const TrackerEnvSchema = v.pipe(
  Variables,
  v.forward(
    v.partialCheck(
      [["TURN_SERVERS"], ["TURN_SECRET"], ["TURN_TTL"]],
      turnIsWhole,
      "TURN_SECRET: expected together with TURN_SERVERS, or neither of them",
    ),
    ["TURN_SECRET"],
  ),
  v.forward(
    v.partialCheck(
      [["TOKEN_SECRET"], ["TOKEN_JWKS"]],
      ({ TOKEN_SECRET, TOKEN_JWKS }) => TOKEN_SECRET === "" || TOKEN_JWKS === "",
      "TOKEN_JWKS: expected without TOKEN_SECRET, or the other way round",
    ),
    ["TOKEN_JWKS"],
  ),
  v.transform(
    (env): TrackerConfig => ({
      origins: env.ALLOWED_ORIGINS,
      iceServers: env.ICE_SERVERS,
      turn: turnOf(env),
      placeFiles: { country: env.MMDB_COUNTRY, network: env.MMDB_ASN },
      subnetFile: env.SUBNET_GROUPS,
      trustProxy: env.TRUST_PROXY,
      terms: {
        mode: env.P2P_MODE,
        uploadBitsPerSecond: env.UPLOAD_LIMIT,
        sampleMs: env.SAMPLE_INTERVAL,
        holdoutShare: env.HOLDOUT_SHARE,
      },
      adminToken: env.ADMIN_TOKEN,
      tokenKeys: tokenKeysOf(env),
      neighbours: env.NEIGHBOURS,
      site: env.SITE,
      swarmSecret: env.SWARM_SECRET,
      maxConnections: env.MAX_CONNECTIONS,
      maxConnectionsPerAddress: env.MAX_CONNECTIONS_PER_ADDRESS,
      messagesPerSecond: env.MESSAGES_PER_SECOND,
      // Its clients have no token to show.
      webtorrent: env.WEBTORRENT === "on" || (env.WEBTORRENT === "auto" && tokenKeysOf(env) === undefined),
      logAddresses: env.LOG_ADDRESSES === "on",
    }),
  ),
);

function tokenKeysOf(env: { readonly TOKEN_SECRET: string; readonly TOKEN_JWKS: string }): TokenKeys | undefined {
  if (env.TOKEN_SECRET !== "") return { secret: env.TOKEN_SECRET };
  return env.TOKEN_JWKS === "" ? undefined : { jwks: new URL(env.TOKEN_JWKS) };
}
