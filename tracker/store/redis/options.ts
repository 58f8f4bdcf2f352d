import type { Random } from "../../swarm/index.ts";
import { LEASE_MS } from "../port.ts";
import type { StoreError, StoreTrouble } from "./store-error.ts";

/** One Redis, by its URL (`redis://` or `rediss://`, with user, password and database where needed), or a Redis Cluster. */
export type RedisPlace =
  | { readonly url: string }
  /** URLs of some nodes, best three or more; the others are found through them. All take the first one's user and password. */
  | { readonly nodes: readonly string[] };

/** Times and bounds of the Redis store. Tests shorten them; operators have no reason to. */
export const REDIS_LIMITS = {
  /** Longest wait for an answer, in milliseconds; then the call rejects. */
  callMs: 1000,
  /** Calls that may wait for an answer at once. A swarm of 20,000 renewed at once is 320. */
  calls: 20_000,
  /** Time between two looks at the connection, in milliseconds. */
  lookMs: 1000,
  /** A connection that answers nothing for so long is thrown away and made anew, in milliseconds. */
  patienceMs: 10_000,
  /** Longest wait between two attempts to connect, in milliseconds. */
  retryMs: 2000,
  /** How long a process keeps its name without renewing it, in milliseconds. */
  nodeLeaseMs: 15_000,
  /** Time between two renewals of a process's name, in milliseconds. */
  keepMs: 2000,
  /** How long a mail waits for others to the same process, in milliseconds. */
  batchMs: 3,
  /** So many mails to one process do not wait any longer. */
  batchMails: 64,
  /** The most that one message to a process carries. */
  messageMails: 256,
  messageLength: 512 * 1024,
  /** Mails that may wait for one process; further ones are rejected. At 16 KiB each they take 32 MiB. */
  waitingMails: 2048,
} as const;
export type RedisLimits = { readonly [Name in keyof typeof REDIS_LIMITS]: number };

export type RedisStoreOptions = RedisPlace & {
  /** What all keys and channels begin with, so that trackers that know nothing of each other can share a Redis. */
  readonly prefix?: string;
  readonly random?: Random;
  readonly leaseMs?: number;
  readonly limits?: Partial<RedisLimits>;
  /** Told of trouble that no call rejects with: a lost connection, a mail that cannot be read. */
  readonly onTrouble?: (trouble: StoreError) => void;
  /** Told of each call to Redis: how long it took, in milliseconds, and how it ended. */
  readonly onCall?: (ms: number, outcome: "answered" | StoreTrouble) => void;
};

export type Settings = {
  readonly place: RedisPlace;
  readonly prefix: string;
  readonly random: Random;
  readonly leaseMs: number;
  readonly limits: RedisLimits;
  readonly onTrouble: (trouble: StoreError) => void;
  readonly onCall: NonNullable<RedisStoreOptions["onCall"]>;
};

/** Fills in what was left out. @throws RangeError when a key could not be made with the prefix. */
export function settingsOf(options: RedisStoreOptions): Settings {
  const { prefix = "shoal", random = Math.random, leaseMs = LEASE_MS, limits } = options;
  const { onTrouble = () => undefined, onCall = () => undefined } = options;
  if (!/^[\w.:-]{1,64}$/.test(prefix)) {
    throw new RangeError(
      `prefix: expected 1 to 64 letters, digits, "_", "-", "." or ":", got ${JSON.stringify(prefix)}`,
    );
  }
  const place = "url" in options ? { url: options.url } : { nodes: options.nodes };
  return { place, prefix, random, leaseMs, limits: { ...REDIS_LIMITS, ...limits }, onTrouble, onCall };
}
