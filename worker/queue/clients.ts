import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { QueueLimits, RedisPlace } from "./options.ts";

/** Longest wait between two attempts to connect, in milliseconds. */
const RETRY_MS = 2000;

/** What Bull asks a connection for: commands, news, or waiting for a job, which blocks it. */
export type ClientKind = "client" | "subscriber" | "bclient";
export type Client = Redis | Cluster;

/** Connections to one place for one queue; they come back by themselves until they are closed. */
export type Clients = {
  readonly create: (kind: ClientKind) => Client;
  readonly close: () => void;
};

export function createClients(place: RedisPlace, limits: QueueLimits): Clients {
  const open: Client[] = [];
  return {
    create(kind) {
      const client = "url" in place ? single(place.url, kind, limits) : cluster(place.nodes, kind, limits);
      open.push(client);
      return client;
    },
    close: () => {
      for (const client of open) client.disconnect();
    },
  };
}

const pause = (times: number): number => Math.min(RETRY_MS, 50 * 2 ** Math.min(times, 10));

/**
 * A command that Redis cannot be given now fails at once: the batch stays with the viewer instead of waiting here. Only the
 * connections that Bull listens on wait for as long as it takes.
 */
const optionsOf = (kind: ClientKind, limits: QueueLimits): RedisOptions =>
  kind === "client"
    ? {
        enableOfflineQueue: false,
        maxRetriesPerRequest: 1,
        commandTimeout: limits.callMs,
        connectTimeout: limits.callMs,
      }
    : { enableReadyCheck: false, maxRetriesPerRequest: null, connectTimeout: limits.callMs };

const single = (url: string, kind: ClientKind, limits: QueueLimits): Redis =>
  new Redis(url, { ...optionsOf(kind, limits), retryStrategy: pause });

function cluster(urls: readonly string[], kind: ClientKind, limits: QueueLimits): Cluster {
  const [first = "redis://127.0.0.1:6379"] = urls;
  const { username, password, protocol } = new URL(first);
  const redisOptions: RedisOptions = {
    ...optionsOf(kind, limits),
    // User and password hold for all nodes; the addresses that a cluster gives of its nodes have none.
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
  };
  const nodes = urls.map((url) => {
    const { hostname, port } = new URL(url);
    return { host: hostname, port: Number(port || 6379) };
  });
  return new Cluster(nodes, { redisOptions, clusterRetryStrategy: pause, enableOfflineQueue: kind !== "client" });
}
