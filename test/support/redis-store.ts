import { expect, onTestFinished } from "vitest";
import {
  createRedisStore,
  type RedisStoreOptions,
  type StoreError,
  type SwarmStore,
} from "../../tracker/store/index.ts";
import type { RedisServer } from "./redis.ts";

let prefixes = 0;
/** Keys under another prefix are another, empty store. */
export const freshPrefix = (): string => `test${process.pid}-${prefixes++}`;

export type OpenStore = {
  readonly store: SwarmStore;
  /** The trouble that it told of, by reason. */
  readonly troubles: readonly StoreError["reason"][];
};

/** A store that is ready, and closed with the test. */
export async function openStore(options: RedisStoreOptions): Promise<OpenStore> {
  const troubles: StoreError["reason"][] = [];
  const store = createRedisStore({
    prefix: freshPrefix(),
    ...options,
    onTrouble: ({ reason }) => troubles.push(reason),
  });
  onTestFinished(() => store.close());
  await expect.poll(() => store.ready(), { timeout: 10_000 }).toBe("ready");
  return { store, troubles };
}

/** Waits until a Redis's own clock has moved on by `ms` milliseconds. */
export async function passTime(server: RedisServer, ms: number): Promise<void> {
  const clock = async (): Promise<number> => {
    const [seconds, micros] = (await server.command("TIME")) as string[];
    return Number(seconds) * 1000 + Number(micros) / 1000;
  };
  const until = (await clock()) + ms;
  await expect.poll(clock, { timeout: ms + 10_000 }).toBeGreaterThan(until);
}
