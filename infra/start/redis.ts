import { createHash } from "node:crypto";
import * as v from "valibot";
import type { RedisPlace } from "../../tracker/index.ts";
import { REDIS_VARIABLES } from "./variables.ts";

/** Where a process keeps what it shares with others. */
export type RedisConfig =
  | { readonly kind: "none" }
  | { readonly kind: "redis"; readonly place: RedisPlace; readonly prefix: string };

const EXPECTED =
  "REDIS_URL: expected redis://host:port or rediss://host:port, or redis+cluster:// or rediss+cluster:// with some nodes, " +
  "comma separated, such as redis+cluster://a:6379,b:6379";
const PREFIX_EXPECTED = 'REDIS_PREFIX: expected 1 to 64 letters, digits, "_", "-", "." or ":"';

const text = (name: keyof typeof REDIS_VARIABLES) =>
  v.pipe(
    v.optional(v.string(`${name}: expected a string`), ""),
    v.transform((given): string => given.trim() || REDIS_VARIABLES[name].default),
  );

export const RedisEnvSchema = v.pipe(
  v.object({
    REDIS_URL: v.pipe(
      text("REDIS_URL"),
      v.rawTransform<string, RedisPlace | undefined>(({ dataset, addIssue, NEVER }) => {
        if (dataset.value === "") return undefined;
        const place = placeAt(dataset.value);
        if (place !== undefined) return place;
        // Without what was given: it may hold a password.
        addIssue({ message: EXPECTED });
        return NEVER;
      }),
    ),
    REDIS_PREFIX: v.pipe(text("REDIS_PREFIX"), v.regex(/^[\w.:-]{1,64}$/, PREFIX_EXPECTED)),
  }),
  v.transform(
    ({ REDIS_URL: place, REDIS_PREFIX: prefix }): RedisConfig =>
      place === undefined ? { kind: "none" } : { kind: "redis", place, prefix },
  ),
);

const SCHEME = /^(rediss?)(\+cluster)?:\/\/(?:([^@]*)@)?([^@]+)$/;

/** The Redis or Redis Cluster that a URL names; `undefined` when it names none. */
function placeAt(url: string): RedisPlace | undefined {
  const [, scheme, cluster, access, rest = ""] = SCHEME.exec(url) ?? [];
  if (scheme === undefined) return undefined;
  const login = access === undefined ? "" : `${access}@`;
  const hosts = cluster === undefined ? [rest] : rest.split(",").map((host) => host.trim());
  const nodes = hosts.map((host) => `${scheme}://${login}${host}`);
  if (nodes.some((node) => !isRedisUrl(node))) return undefined;
  return cluster === undefined ? { url: nodes[0] ?? "" } : { nodes };
}

function isRedisUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, pathname } = new URL(url);
  return hostname !== "" && !hostname.includes(",") && /^(\/\d*)?$/.test(pathname);
}

/**
 * Trackers that share a Redis need the same SWARM_SECRET. Where none is given, it follows from REDIS_URL, so that it is as secret
 * as the password in there.
 */
export function withSharedSecret<Env extends Readonly<Record<string, string | undefined>>>(env: Env): Env {
  const url = env.REDIS_URL?.trim();
  if (!url || env.SWARM_SECRET?.trim()) return env;
  return { ...env, SWARM_SECRET: createHash("sha256").update(`shoal ${url}`).digest("base64url") };
}
