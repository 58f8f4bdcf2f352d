import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { pino } from "pino";
import { Registry } from "prom-client";
import * as v from "valibot";
import { onTestFinished } from "vitest";
import {
  createMemoryStore,
  createTracker,
  type Tracker,
  type TrackerConfig,
  type TrackerDeps,
  TrackerEnvSchema,
} from "../../../../tracker/index.ts";
import type { ReceivedSample } from "../../../../worker/protocol/index.ts";
import { connectClient } from "./client.ts";

export type StartOptions = Partial<Omit<TrackerDeps, "config" | "log" | "metrics">> & {
  readonly env?: Record<string, string>;
  readonly config?: Partial<TrackerConfig>;
};

export type Running = {
  readonly tracker: Tracker;
  readonly url: string;
  readonly http: string;
  /** Samples that the default sink took. */
  readonly kept: readonly ReceivedSample[];
  /** Lines that were logged. */
  readonly logged: readonly string[];
  readonly connect: (headers?: Record<string, string>) => ReturnType<typeof connectClient>;
  /** One value of one metric, by its labels. */
  readonly metric: (name: string, labels?: Record<string, string>) => Promise<number>;
};

/** A tracker behind a real HTTP server on a free port; ends with the test. */
export async function startTracker(options: StartOptions = {}): Promise<Running> {
  const { env = {}, config: overrides, ...deps } = options;
  const kept: ReceivedSample[] = [];
  const logged: string[] = [];
  const metrics = new Registry();
  const tracker = createTracker({
    store: createMemoryStore(),
    samples: {
      accept: async (batch) => {
        kept.push(...batch.samples);
      },
    },
    ...deps,
    config: { ...v.parse(TrackerEnvSchema, env), ...overrides },
    timings: { batchMs: 5, sizeSettleMs: 1, sizeMs: 5, newsMs: 5, closeMs: 200, ...deps.timings },
    log: pino({ level: "debug" }, { write: (line: string) => void logged.push(line) }),
    metrics,
  });
  const app = new Koa();
  // Koa would print requests that break off.
  app.silent = true;
  app.use(tracker.beacon);
  app.use(tracker.admin);
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response));
  server.on("upgrade", tracker.handleUpgrade);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await tracker.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}/v1/signal`;
  return {
    tracker,
    url,
    kept,
    logged,
    http: `http://127.0.0.1:${port}`,
    connect: (headers) => connectClient(url, headers),
    async metric(name, labels = {}) {
      const metric = await metrics.getSingleMetric(`shoal_tracker_${name}`)?.get();
      const matches = (value: { labels: object }) =>
        Object.entries(labels).every(([key, wanted]) => (value.labels as Record<string, unknown>)[key] === wanted);
      return (metric?.values ?? []).filter(matches).reduce((sum, { value }) => sum + value, 0);
    },
  };
}
