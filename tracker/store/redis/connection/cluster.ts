import { createCluster } from "redis";
import type { RedisLimits } from "../options.ts";
import { clientOptions, socketOptions } from "./client-options.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import { listen } from "./listen.ts";

/**
 * A Redis Cluster. A node that goes away is connected to again, or replaced by the one that took over its keys, without the
 * others being touched.
 */
export function clusterConnection(urls: readonly string[], limits: RedisLimits, events: ConnectionEvents): Connection {
  const options = clientOptions(limits);
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ url })),
    defaults: {
      ...options,
      ...accessOf(urls[0] ?? ""),
      socket: {
        ...socketOf(urls[0] ?? ""),
        connectTimeout: limits.callMs,
        reconnectStrategy: (retries) => Math.min(limits.retryMs, 50 * 2 ** Math.min(retries, 10)),
      },
    },
    commandOptions: options.commandOptions,
    topologyRefreshOnReconnectionAttemptStrategy: limits.retryMs,
  });
  cluster.on("error", events.onTrouble);
  cluster.on("node-error", events.onTrouble);
  return {
    async open() {
      await cluster.connect();
    },
    send: (key, command) => cluster.sendCommand(key, false, [...command]),
    nodes: () =>
      cluster.masters.map((master) => ({
        name: master.address,
        ping: async () => {
          // A node that has just started answers, and refuses every key until it has heard of the others.
          const info = await (await cluster.nodeClient(master)).clusterInfo();
          if (!info.includes("cluster_state:ok")) throw new Error("the cluster is down");
        },
      })),
    subscribe: (channel, listener) =>
      listen(
        async () => {
          const home = await cluster.getNodeClientForKey(channel, false);
          return home.duplicate({ socket: { ...home.options.socket, ...socketOptions(limits) } });
        },
        channel,
        listener,
      ),
    destroy: () => cluster.destroy(),
  };
}

/** User and password hold for all nodes; the addresses that a cluster gives of its nodes have none. */
function accessOf(text: string): { readonly username?: string; readonly password?: string } {
  const url = new URL(text);
  return {
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
  };
}

const socketOf = (text: string): { readonly tls?: true } => (new URL(text).protocol === "rediss:" ? { tls: true } : {});
