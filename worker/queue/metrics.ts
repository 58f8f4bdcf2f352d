import { Counter, Gauge, type Registry } from "prom-client";
import { JOB_STATES, type JobCounts, type QueueNews, type SampleQueue } from "./samples.ts";

export type QueueMetrics = QueueNews & {
  /** Takes the metrics out of the registry. */
  readonly close: () => void;
};

const NAMES = {
  jobs: "shoal_queue_jobs",
  up: "shoal_queue_up",
  stalled: "shoal_queue_stalled_total",
  failed: "shoal_queue_failed_total",
} as const;

/** What is waiting is asked for at each scrape; all processes on one Redis say the same. What failed is this process's own. */
export function createQueueMetrics(registry: Registry, queue: Pick<SampleQueue, "counts">): QueueMetrics {
  const registers = [registry];
  // Both gauges of one scrape come from one look.
  let look: Promise<JobCounts | null> | undefined;
  const looked = (): Promise<JobCounts | null> => {
    look ??= queue
      .counts()
      .catch(() => null)
      .finally(() => {
        look = undefined;
      });
    return look;
  };
  const up = new Gauge({
    name: NAMES.up,
    help: "1 when the queue's Redis answers",
    registers,
    async collect() {
      up.set((await looked()) === null ? 0 : 1);
    },
  });
  const jobs = new Gauge({
    name: NAMES.jobs,
    help: "Batches of samples in the queue, by state",
    labelNames: ["state"],
    registers,
    async collect() {
      const counts = await looked();
      // Old figures would look like good news.
      if (counts === null) jobs.reset();
      else for (const state of JOB_STATES) jobs.set({ state }, counts[state]);
    },
  });
  const stalled = new Counter({ name: NAMES.stalled, help: "Batches whose worker died or hung over them", registers });
  const failed = new Counter({
    name: NAMES.failed,
    help: "Tries of a batch that failed, by what comes next",
    labelNames: ["next"],
    registers,
  });
  for (const next of ["retry", "dead"]) failed.inc({ next }, 0);
  return {
    stalled: () => stalled.inc(),
    failed: (next) => failed.inc({ next }),
    close: () => {
      for (const name of Object.values(NAMES)) registry.removeSingleMetric(name);
    },
  };
}
