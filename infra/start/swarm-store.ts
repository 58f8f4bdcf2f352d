import type { Logger } from "pino";
import { Histogram, type Registry } from "prom-client";
import { createMemoryStore, createRedisStore, createSparseLog, type SwarmStore } from "../../tracker/index.ts";
import type { RedisConfig } from "./redis.ts";

/** From a Redis next door to one that is about to be given up, in seconds. */
const LATENCY_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** Where a tracker's swarms live. A Redis that is away does not hold up the start: it is looked for in the background. */
export function swarmStore(redis: RedisConfig, log: Logger, metrics: Registry): SwarmStore {
  if (redis.kind === "none") return createMemoryStore();
  const latency = new Histogram({
    name: "shoal_tracker_redis_seconds",
    help: "Time that calls to Redis took, by how they ended.",
    labelNames: ["outcome"],
    buckets: LATENCY_BUCKETS,
    registers: [metrics],
  });
  // Labels are put together once for each outcome, not for each call.
  const known = new Map<string, ReturnType<typeof latency.labels>>();
  const latencyOf = (outcome: string) => {
    const there = known.get(outcome) ?? latency.labels({ outcome });
    known.set(outcome, there);
    return there;
  };
  const warn = createSparseLog(log, () => performance.now());
  return createRedisStore({
    ...redis.place,
    prefix: redis.prefix,
    onTrouble: (error) => warn({ err: error, reason: error.reason }, "trouble with Redis"),
    onCall: (ms, outcome) => latencyOf(outcome).observe(ms / 1000),
  });
}
