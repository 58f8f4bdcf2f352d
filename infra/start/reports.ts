import {
  type AlertConfig,
  type AlertMemory,
  alertRound,
  createAlertMetrics,
  createLook,
  createWebhook,
  ROUND_MS,
} from "../../worker/alerts/index.ts";
import { BatchRefused, type ReportStore, type WorkerConfig } from "../../worker/index.ts";
import type { SampleSink } from "../../worker/protocol/index.ts";
import { createQueueMetrics, openSampleQueue, type QueueLimits, startChores } from "../../worker/queue/index.ts";
import { FolderUnusable, openFolderStore } from "../../worker/store/folder/index.ts";
import { createRedisReportStore } from "../../worker/store/redis/index.ts";
import type { Readiness, Role } from "../server/index.ts";
import type { RedisConfig } from "./redis.ts";
import { type Deps, workerRole } from "./roles.ts";

type Redis = Extract<RedisConfig, { kind: "redis" }>;
type WorkerParts = {
  readonly worker: WorkerConfig;
  readonly alerts: AlertConfig;
  readonly shell: { readonly host: string };
};
type Reports = { readonly role: Role; readonly sink: SampleSink };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Reports of `npm start`: on Redis, in the data folder or, when that cannot be used, in memory. */
export async function reports(
  config: WorkerParts & { readonly redis: RedisConfig; readonly data: { readonly folder: string } },
  deps: Deps,
): Promise<Reports> {
  if (config.redis.kind === "redis") return onRedis(config, config.redis, deps);
  try {
    return await inFolder(config, config.data.folder, deps);
  } catch (error) {
    if (!(error instanceof FolderUnusable)) throw error;
    deps.log.error(`${error.message} Until then reports are kept in memory and end with this process.`);
    const { role, sink } = workerRole(config, deps);
    return { role: { ...role, ready: async () => ({ degraded: error.message }) }, sink };
  }
}

async function inFolder(config: WorkerParts, folder: string, deps: Deps): Promise<Reports> {
  const store = await openFolderStore({ folder, clock: Date.now, maxStreams: config.worker.maxStreams, log: deps.log });
  const { role, sink } = workerRole(config, deps, store);
  const alerts = alertsOf(config.alerts, store, store.alerts, deps);
  const timer = setInterval(() => {
    alerts?.round().catch((error: unknown) => deps.log.warn({ err: error }, "a round of alerts failed"));
  }, ROUND_MS);
  return {
    sink,
    role: {
      ...role,
      close: async () => {
        clearInterval(timer);
        alerts?.close();
        await role.close?.();
        await store.close();
      },
    },
  };
}

/** A worker on Redis: takes batches from the queue of all trackers, and does what has to be done again and again. */
export function onRedis(config: WorkerParts, redis: Redis, deps: Deps, limits: Partial<QueueLimits> = {}): Reports {
  const { log, metrics } = deps;
  const shared = { ...redis, log, limits };
  const store = createRedisReportStore({ ...redis, log, clock: Date.now, maxStreams: config.worker.maxStreams });
  const { role, worker } = workerRole(config, deps, store);
  const queue = openSampleQueue(shared);
  const queueMetrics = createQueueMetrics(metrics, queue);
  queue.consume(worker.fold, (error) => error instanceof BatchRefused, queueMetrics);
  const alerts = alertsOf(config.alerts, store, store.alerts, deps);
  const chores = startChores(shared, [
    { name: "rollup", everyMs: MINUTE_MS, run: store.rollUp },
    { name: "expire", everyMs: DAY_MS, run: store.expire },
    ...(alerts === null ? [] : [{ name: "alerts", everyMs: ROUND_MS, run: alerts.round }]),
  ]);
  return {
    sink: queue.sink,
    role: {
      ...role,
      ready: async () => degraded(queue.ready()) ?? degraded(store.ready()) ?? "ready",
      close: async () => {
        await Promise.all([queue.close(), chores.close()]);
        await role.close?.();
        queueMetrics.close();
        alerts?.close();
        store.close();
      },
    },
  };
}

/** Where a tracker without a worker leaves samples: for the workers on its Redis, or nowhere. */
export function samplesOf(redis: RedisConfig, { log, metrics }: Deps): Reports {
  // Viewers may report, and nothing is kept.
  if (redis.kind === "none") return { sink: { accept: () => Promise.resolve() }, role: { name: "samples" } };
  const queue = openSampleQueue({ ...redis, log });
  const queueMetrics = createQueueMetrics(metrics, queue);
  return {
    sink: queue.sink,
    role: {
      name: "samples",
      ready: async () => degraded(queue.ready()) ?? "ready",
      close: async () => {
        await queue.close();
        queueMetrics.close();
      },
    },
  };
}

/** Gives the batches that no worker could fold another round of tries. */
export async function revive(redis: Redis, { log }: Deps): Promise<void> {
  const queue = openSampleQueue({ ...redis, log });
  await queue.revive();
  await queue.close();
}

const degraded = (state: "ready" | { readonly reason: string }): Readiness | null =>
  state === "ready" ? null : { degraded: state.reason };

function alertsOf(config: AlertConfig, store: ReportStore, memory: AlertMemory, { log, metrics }: Deps) {
  if (config === null) return null;
  const alertMetrics = createAlertMetrics(metrics);
  const round = () =>
    alertRound({
      thresholds: config.thresholds,
      look: createLook(store, config.thresholds),
      memory,
      webhook: createWebhook({ ...config, clock: Date.now }),
      clock: Date.now,
      log,
      metrics: alertMetrics,
    });
  return { round, close: alertMetrics.close };
}
