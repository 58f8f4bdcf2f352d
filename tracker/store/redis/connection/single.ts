import { createClient } from "redis";
import type { RedisLimits } from "../options.ts";
import { clientOptions, socketOptions } from "./client-options.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import { listen } from "./listen.ts";

/** One Redis. The connection ends with its first failure. */
export function singleConnection(url: string, limits: RedisLimits, events: ConnectionEvents): Connection {
  const create = () => createClient({ url, ...clientOptions(limits), socket: socketOptions(limits) });
  const client = create();
  client.on("error", events.onLost);
  client.on("terminated", events.onLost);
  return {
    async open() {
      await client.connect();
    },
    send: (_, command) => client.sendCommand([...command]),
    nodes: () => [{ name: "redis", ping: () => client.ping() }],
    subscribe: (channel, listener) => listen(create, channel, listener),
    destroy() {
      if (client.isOpen) client.destroy();
    },
  };
}
