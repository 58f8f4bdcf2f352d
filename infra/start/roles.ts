import { join } from "node:path";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import {
  createRedisRules,
  createTracker,
  openPlaces,
  openSubnetFile,
  type TrackerConfig,
} from "../../tracker/index.ts";
import {
  accessOf,
  createWorker,
  type ReportAccess,
  type ReportStore,
  type Worker,
  type WorkerConfig,
} from "../../worker/index.ts";
import type { SampleSink } from "../../worker/protocol/index.ts";
import { ROOT } from "../build/index.ts";
import { createOrigin, loadSample } from "../origin/index.ts";
import type { Role } from "../server/index.ts";
import type { RedisConfig } from "./redis.ts";
import { swarmStore } from "./swarm-store.ts";

export type Deps = { readonly log: Logger; readonly metrics: Registry };

/** Where the demo's stream lies. */
const SAMPLE_FOLDER = join(ROOT, "infra/media/sample");

export type TrackerRoleConfig = { readonly tracker: TrackerConfig; readonly redis: RedisConfig };

/** The tracker, with its swarms in Redis or, without one, in this process's memory. */
export async function trackerRole(config: TrackerRoleConfig, samples: SampleSink, deps: Deps): Promise<Role> {
  const log = deps.log.child({ role: "tracker" });
  const { metrics } = deps;
  const store = swarmStore(config.redis, log, metrics);
  const { placeFiles, subnetFile } = config.tracker;
  const [places, subnets] = await Promise.all([openPlaces(placeFiles, log), openSubnetFile(subnetFile, log)]);
  const { locate } = places;
  const { redis } = config;
  const rules = redis.kind === "none" ? undefined : createRedisRules({ ...redis.place, prefix: redis.prefix });
  const tracker = createTracker({
    config: config.tracker,
    store,
    samples,
    log,
    metrics,
    locate,
    ...(rules === undefined ? {} : { rules }),
    ...(subnetFile === undefined ? {} : { subnetOf: subnets.find }),
  });
  const files = [placeFiles.country, placeFiles.network, subnetFile].some((file) => file !== undefined);
  return {
    name: "tracker",
    middleware: [tracker.beacon, tracker.admin],
    upgrades: [
      { path: "/v1/signal", handle: tracker.handleUpgrade },
      ...(tracker.announce ? [{ path: "/announce", handle: tracker.announce }] : []),
    ],
    ready: tracker.ready,
    drain: tracker.drain,
    ...(files
      ? {
          reload: async () => {
            await Promise.all([places.reload(), subnets.reload()]);
            tracker.refresh();
          },
        }
      : {}),
    close: async () => {
      places.close();
      await tracker.close();
      rules?.close();
      await store.close();
    },
  };
}

/** Reports of a store, or in this process's memory. `host`: the address that the server listens on. */
export function workerRole(
  config: { readonly worker: WorkerConfig; readonly shell: { readonly host: string } },
  { log, metrics }: Deps,
  store?: ReportStore,
): { readonly role: Role; readonly sink: SampleSink; readonly worker: Worker } {
  const worker = createWorker({
    config: config.worker,
    access: reportAccess(config),
    log: log.child({ role: "worker" }),
    metrics,
    ...(store === undefined ? {} : { store }),
  });
  return { role: { name: "worker", middleware: [worker.routes], close: worker.close }, sink: worker.sink, worker };
}

/** Who may read this server's reports. */
export const reportAccess = (config: {
  readonly worker: WorkerConfig;
  readonly shell: { readonly host: string };
}): ReportAccess => accessOf(config.worker.reportTokens, config.shell.host);

/** The demo's stand-in for a CDN. */
export async function originRole(): Promise<Role> {
  const origin = createOrigin({ media: await loadSample(SAMPLE_FOLDER) });
  return { name: "demo", middleware: [origin.middleware] };
}
