import type { Listener, Subscription } from "./connection.ts";

/** What a client of `redis` must be able to do to listen. */
export type ListeningClient = {
  readonly isOpen: boolean;
  readonly on: (event: string, listener: (error: unknown) => void) => unknown;
  readonly connect: () => Promise<unknown>;
  readonly sSubscribe: (channel: string, listener: (text: string) => void) => Promise<void>;
  readonly destroy: () => void;
};

/**
 * Listens to a sharded channel (Redis 7), on a single Redis as well as on a cluster: there a plain channel would carry each
 * mail to every node, and a publisher could not tell whether anybody heard it. `find` makes a client that ends with its first
 * failure.
 */
export function listen(
  find: () => Promise<ListeningClient> | ListeningClient,
  channel: string,
  listener: Listener,
): Subscription {
  let state: "opening" | "open" | "over" = "opening";
  let client: ListeningClient | undefined;

  const end = (): void => {
    state = "over";
    if (client?.isOpen) client.destroy();
  };
  const lose = (error: unknown): void => {
    const wasOpen = state === "open";
    end();
    if (wasOpen) listener.onLost(error);
  };
  const open = async (): Promise<void> => {
    client = await find();
    client.on("error", lose);
    client.on("terminated", lose);
    client.on("sharded-channel-moved", () => lose(new Error(`${channel} has moved to another node`)));
    await client.connect();
    if (state === "opening") await client.sSubscribe(channel, listener.onText);
    if (state === "over") throw new Error("the subscription was closed while it was being opened");
    state = "open";
  };
  const opened = open().catch((error: unknown) => {
    end();
    throw error;
  });
  return { opened, close: end };
}
