import pino from "pino";
import { Registry } from "prom-client";
import { createWorker } from "../../worker/index.ts";
import { openSampleQueue, type QueueLimits } from "../../worker/queue/index.ts";
import { createRedisReportStore } from "../../worker/store/redis/index.ts";

/** A worker's parts on one Redis, put together as `npm run worker` does, for whoever wants to see them at work; nothing is consumed yet. */
export function openReportWorker(options: {
  readonly url: string;
  readonly prefix?: string;
  readonly limits?: Partial<QueueLimits>;
  readonly level: "silent" | "warn";
}) {
  const { url, prefix = "shoal", limits = {} } = options;
  const log = pino({ level: options.level });
  const place = { url };
  const store = createRedisReportStore({ place, prefix, log, clock: Date.now, maxStreams: 1000 });
  const worker = createWorker({
    config: { maxStreams: 1000, reportTokens: [], prices: null },
    access: { kind: "open" },
    store,
    log,
    metrics: new Registry(),
  });
  const queue = openSampleQueue({ place, prefix, log, limits });
  const close = async (): Promise<void> => {
    await worker.close();
    await queue.close();
    store.close();
  };
  return { store, worker, queue, close };
}
