import { createClient, createCluster, ErrorReply, RESP_TYPES } from "redis";
import { StoreUnavailable } from "../port.ts";

/** One Redis by its URL, or a Redis Cluster by the URLs of some of its nodes. */
export type RedisPlace = { readonly url: string } | { readonly nodes: readonly string[] };

/** Longest wait for an answer, in milliseconds; then the call rejects, and a job that waits for it is tried again. */
const CALL_MS = 10_000;
const CONNECT_MS = 5000;
/** Longest wait between two attempts to connect, in milliseconds. */
const RETRY_MS = 2000;

export type Argument = string | Buffer;

/** The way to Redis; it comes back by itself. */
export type Connection = {
  /**
   * Runs one command; answers carry text as bytes. `key` is one that it touches: it decides which node of a cluster is asked. Rejects
   * with `StoreUnavailable` where no Redis is that could do it, else with what Redis has against it.
   */
  readonly send: (key: string, command: readonly Argument[]) => Promise<unknown>;
  readonly ready: () => "ready" | { readonly reason: string };
  readonly close: () => void;
};

const socket = {
  connectTimeout: CONNECT_MS,
  reconnectStrategy: (retries: number): number => Math.min(RETRY_MS, 50 * 2 ** Math.min(retries, 10)),
};
// What waits for a connection is a job, which is better tried again than kept here.
const client = { disableOfflineQueue: true, clientInfoTag: "shoal-worker" } as const;
const commandOptions = { timeout: CALL_MS, typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

/** Begins to connect at once, and goes on for as long as it takes. `onTrouble` hears of what goes wrong meanwhile. */
export function connect(place: RedisPlace, onTrouble: (error: unknown) => void): Connection {
  return "url" in place ? single(place.url, onTrouble) : cluster(place.nodes, onTrouble);
}

/** What a Redis answers that is there, but cannot do its work yet or any more. */
const NOT_NOW = /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS)\b/;

/** Of anything but an answer of Redis there is no answer. */
function explain(error: unknown): never {
  if (error instanceof ErrorReply && !NOT_NOW.test(error.message)) throw error;
  const why = error instanceof Error ? error.message : String(error);
  throw new StoreUnavailable(`the reports' Redis does not answer (${why})`, { cause: error });
}

function single(url: string, onTrouble: (error: unknown) => void): Connection {
  const redis = createClient({ url, ...client, socket, commandOptions });
  redis.on("error", onTrouble);
  redis.connect().catch(onTrouble);
  return {
    send: (_, command) => redis.sendCommand([...command]).catch(explain),
    ready: () => (redis.isReady ? "ready" : { reason: "no connection to the reports' Redis" }),
    close: () => {
      if (redis.isOpen) redis.destroy();
    },
  };
}

function cluster(urls: readonly string[], onTrouble: (error: unknown) => void): Connection {
  const { username, password, protocol } = new URL(urls[0] ?? "redis://127.0.0.1");
  const redis = createCluster({
    rootNodes: urls.map((url) => ({ url })),
    defaults: {
      ...client,
      // User and password hold for all nodes; the addresses that a cluster gives of its nodes have none.
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      socket: { ...socket, ...(protocol === "rediss:" ? { tls: true as const } : {}) },
    },
    commandOptions,
    topologyRefreshOnReconnectionAttemptStrategy: RETRY_MS,
  });
  let state: "connecting" | "open" | "closed" = "connecting";
  redis.on("error", onTrouble);
  redis.on("node-error", onTrouble);
  const open = async (): Promise<void> => {
    try {
      await redis.connect();
      if (state === "closed") redis.destroy();
      else state = "open";
    } catch (error) {
      onTrouble(error);
      if (state !== "closed") setTimeout(() => void open(), RETRY_MS).unref();
    }
  };
  void open();
  return {
    send: async (key, command) => {
      if (state !== "open") throw new StoreUnavailable("no connection to the reports' Redis Cluster");
      return redis.sendCommand(key, false, [...command]).catch(explain);
    },
    ready: () => (state === "open" ? "ready" : { reason: "no connection to the reports' Redis Cluster" }),
    close: () => {
      if (state === "open") redis.destroy();
      state = "closed";
    },
  };
}
