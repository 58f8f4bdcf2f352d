import pino from "pino";
import type { PlacedSample } from "../../../worker/reports/index.ts";
import { createRedisReportStore, type RedisReportStore } from "../../../worker/store/redis/index.ts";
import { until } from "../../support/process.ts";
import type { RedisServer } from "../../support/redis.ts";
import { makeCrowd } from "./crowd.ts";

export const SITE = "bench";
const HOUR_MS = 3_600_000;

/** A store whose clock the bench sets: time that is yet to come, for Redis drops at once what is past its time by its own clock. */
export type Past = {
  readonly store: RedisReportStore;
  readonly clock: () => number;
  readonly goTo: (now: number) => void;
};

export async function openPast(server: RedisServer): Promise<Past> {
  let now = Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS + 24 * HOUR_MS;
  const clock = () => now;
  const log = pino({ level: "warn" });
  const store = createRedisReportStore({ place: { url: server.url }, log, clock, maxStreams: 1000 });
  await until("Redis", 10_000, () => store.ready() === "ready");
  return {
    store,
    clock,
    goTo: (then) => {
      now = then;
    },
  };
}

export type Visits = { readonly streams: number; readonly viewers: number; readonly seed: number };

/** Counts what some viewers tell between two times, every `everyMs` milliseconds. */
export async function visit(
  { store }: Past,
  visits: Visits,
  times: { readonly from: number; readonly to: number; readonly everyMs: number },
): Promise<void> {
  const crowd = makeCrowd({ ...visits, site: SITE });
  for (let at = times.from; at < times.to; at += times.everyMs) {
    const samples = crowd.round(at).map(({ receivedAt, ...rest }): PlacedSample => ({ ...rest, at: receivedAt }));
    await store.fold(samples);
  }
}
