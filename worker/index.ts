import { randomBytes } from "node:crypto";
import type { Middleware } from "koa";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { WorkerConfig } from "./config.ts";
import type { ReportAccess } from "./http/access.ts";
import { createReports, type Reports } from "./http/queries.ts";
import { createReportRoutes } from "./http/routes.ts";
import { type FoldResult, foldSamples } from "./jobs/fold-samples.ts";
import { createWorkerMetrics } from "./jobs/metrics.ts";
import type { SampleSink } from "./protocol/index.ts";
import { createMemoryStore } from "./store/memory.ts";
import type { ReportStore } from "./store/port.ts";

export { type WorkerConfig, WorkerEnvSchema } from "./config.ts";
export { accessOf, type ReportAccess } from "./http/access.ts";
export { QueryRefused, type ReportQuery } from "./http/queries.ts";
export { BatchRefused, type FoldDeps, type FoldResult, foldSamples } from "./jobs/fold-samples.ts";
export type { ReportStore } from "./store/port.ts";

export type WorkerDeps = {
  readonly config: WorkerConfig;
  /** Who may read reports over HTTP. */
  readonly access: ReportAccess;
  /** Where cells live; it is closed by whoever made it. This process's memory unless given. */
  readonly store?: ReportStore;
  readonly log: Logger;
  /** Takes the `shoal_worker_…` metrics until `close`. */
  readonly metrics: Registry;
  /** Milliseconds since 1970; the system's clock unless given. */
  readonly clock?: () => number;
};

/** Turns samples into reports. Opens no port. */
export type Worker = {
  /** The `samples` job; rejects with `BatchRefused` for what can never be folded, with the store's error, and after `close`. */
  readonly fold: (batch: unknown) => Promise<FoldResult>;
  /** Runs the job at once; resolves when the batch is in the reports. */
  readonly sink: SampleSink;
  /** `GET /api/v1/reports/…` for a Koa app. */
  readonly routes: Middleware;
  /** The same answer as `GET /api/v1/reports/summary`; rejects with `QueryRefused`. */
  readonly summary: Reports["summary"];
  /** Takes no more batches, waits for those under way and gives the metrics back. Reports can still be read. */
  readonly close: () => Promise<void>;
};

export const createWorker = (deps: WorkerDeps): Worker => {
  const { config, log } = deps;
  const clock = deps.clock ?? Date.now;
  const store = deps.store ?? createMemoryStore({ clock, maxStreams: config.maxStreams, viewerKey: randomBytes(32) });
  const metrics = createWorkerMetrics(deps.metrics, store);
  const reports = createReports({ store, clock, prices: config.prices });
  const running = new Set<Promise<FoldResult>>();
  let open = true;

  const fold = async (batch: unknown): Promise<FoldResult> => {
    if (!open) throw new Error("The worker is closed and takes no more samples.");
    const job = foldSamples(batch, { store, clock, log, metrics });
    running.add(job);
    try {
      return await job;
    } finally {
      running.delete(job);
    }
  };

  return {
    fold,
    sink: {
      accept: async (batch) => {
        await fold(batch);
      },
    },
    routes: createReportRoutes(reports, deps.access),
    summary: reports.summary,
    close: async () => {
      if (!open) return;
      open = false;
      await Promise.allSettled(running);
      metrics.close();
    },
  };
};
