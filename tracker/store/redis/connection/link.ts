import type { RedisPlace, Settings } from "../options.ts";
import { asStoreError, StoreError } from "../store-error.ts";
import { clusterConnection } from "./cluster.ts";
import type { Connection, ConnectionEvents, Listener, Subscription } from "./connection.ts";
import { inTime } from "./in-time.ts";
import { singleConnection } from "./single.ts";
import { createWatch, type Watch } from "./watch.ts";

/**
 * The way to Redis. It is made, and made again, for as long as it takes. While there is none, or Redis is silent, calls reject
 * at once, and otherwise at the latest after `callMs`. Nothing is kept to be sent later.
 */
export type Link = {
  /** @throws StoreError */
  readonly send: (key: string, command: readonly string[]) => Promise<unknown>;
  /** @throws StoreError */
  readonly subscribe: (channel: string, listener: Listener) => Promise<Subscription>;
  readonly state: () => "ready" | { readonly reason: string };
  readonly close: () => void;
};

type State =
  | { readonly kind: "connecting"; readonly connection?: Connection; readonly failure: string }
  | { readonly kind: "open"; readonly connection: Connection; readonly watch: Watch }
  | { readonly kind: "closed" };

/** Shortest wait before another attempt to connect, in milliseconds; it doubles with each. */
const FIRST_RETRY_MS = 50;
const SILENT = "Redis does not answer, or is not ready to";

export function createLink(settings: Settings): Link {
  const { place, limits, onTrouble, onCall, random } = settings;
  let state: State = { kind: "connecting", failure: "not connected yet" };
  let retry: NodeJS.Timeout | undefined;
  let calls = 0;

  const isClosed = (): boolean => state.kind === "closed";
  const open = async (attempt: number): Promise<void> => {
    const onLost = (error: unknown): void => {
      if (state.kind === "open" && state.connection === connection) fail(0, error);
    };
    const connection = connectionTo(place, limits, { onTrouble: (error) => onTrouble(asStoreError(error)), onLost });
    state = { kind: "connecting", connection, failure: "the attempt takes its time" };
    try {
      await inTime(
        connection.open(),
        limits.callMs * 3,
        () => new StoreError("slow", "Redis takes too long to connect"),
      );
      if (!isClosed()) state = { kind: "open", connection, watch: createWatch(connection, limits, onLost) };
    } catch (error) {
      if (!isClosed()) fail(attempt, error);
    }
  };
  /** Gives up the connection, and makes another in a while. */
  const fail = (attempt: number, error: unknown): void => {
    letGo();
    const trouble = asStoreError(error);
    onTrouble(trouble);
    state = { kind: "connecting", failure: trouble.message };
    // Processes that lost the same Redis do not all come back in the same moment.
    const ms = Math.min(limits.retryMs, FIRST_RETRY_MS * 2 ** Math.min(attempt, 16)) * (0.5 + random() / 2);
    retry = setTimeout(() => void open(attempt + 1), ms);
  };
  const letGo = (): void => {
    clearTimeout(retry);
    if (state.kind === "open") state.watch.stop();
    if (state.kind !== "closed") state.connection?.destroy();
  };
  const current = (): Connection => {
    if (state.kind === "closed") throw new StoreError("closed", "the store was closed");
    if (state.kind === "connecting") throw new StoreError("offline", `no connection to Redis: ${state.failure}`);
    if (state.watch.silent() === "all") throw new StoreError("slow", SILENT);
    if (calls >= limits.calls) throw new StoreError("busy", `${calls} calls wait for Redis already`);
    return state.connection;
  };
  const call = async <T>(run: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = current();
    const start = performance.now();
    calls += 1;
    try {
      const late = () => new StoreError("slow", `Redis did not answer within ${limits.callMs} ms`);
      const answer = await inTime(run(connection), limits.callMs, late);
      onCall(performance.now() - start, "answered");
      return answer;
    } catch (error) {
      const trouble = asStoreError(error);
      // A node that has gone, or has come back and refuses its keys still, shows in `state` without waiting for the next look.
      if (state.kind === "open") state.watch.doubt();
      onCall(performance.now() - start, trouble.reason);
      throw trouble;
    } finally {
      calls -= 1;
    }
  };

  void open(0);
  return {
    send: (key, command) => call((connection) => connection.send(key, command)),
    async subscribe(channel, listener) {
      const subscription = current().subscribe(channel, listener);
      try {
        await call(() => subscription.opened);
      } catch (error) {
        subscription.close();
        throw error;
      }
      return subscription;
    },
    state() {
      if (state.kind === "closed") return { reason: "the store was closed" };
      if (state.kind === "connecting") return { reason: `no connection to Redis: ${state.failure}` };
      const silent = state.watch.silent();
      if (silent === "none") return "ready";
      return { reason: silent === "all" ? SILENT : `${SILENT}: ${silent.join(", ")}` };
    },
    close() {
      letGo();
      state = { kind: "closed" };
    },
  };
}

const connectionTo = (place: RedisPlace, limits: Settings["limits"], events: ConnectionEvents): Connection =>
  "url" in place ? singleConnection(place.url, limits, events) : clusterConnection(place.nodes, limits, events);
