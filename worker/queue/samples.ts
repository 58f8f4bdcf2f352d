import Bull from "bull";
import type { SampleSink } from "../protocol/index.ts";
import { createClients } from "./clients.ts";
import { QUEUE_LIMITS, type QueueLimits, type QueueOptions, QueueRefused, queuePrefix } from "./options.ts";
import { batchId, type Payload, packBatch, unpackBatch } from "./payload.ts";

/** What the queue holds now, in jobs. `dead`: tried in vain and kept to be looked at. */
export const JOB_STATES = ["waiting", "active", "delayed", "dead"] as const;
export type JobCounts = Readonly<Record<(typeof JOB_STATES)[number], number>>;

/** What happens to jobs that only this process knows of. */
export type QueueNews = {
  /** A worker died over a job, or held it up for too long; it is tried again. */
  readonly stalled: () => void;
  /** A try failed; `dead` when it was the last. */
  readonly failed: (what: "retry" | "dead") => void;
};

/** Batches on their way from trackers to workers. */
export type SampleQueue = {
  /** Resolves when Redis has the batch; rejects with `QueueRefused`, or with Redis's own error. */
  readonly sink: SampleSink;
  /**
   * Gives batches to `fold`, several at once, for as long as the queue is open. A batch is done when `fold` has resolved; when it
   * rejects, the batch comes again after a pause, and is put aside as dead at last, or at once when `hopeless(error)`.
   */
  readonly consume: (
    fold: (batch: unknown) => Promise<unknown>,
    hopeless: (error: unknown) => boolean,
    news: QueueNews,
  ) => void;
  /** @throws when Redis does not answer */
  readonly counts: () => Promise<JobCounts>;
  /** Gives the dead another round of tries. */
  readonly revive: () => Promise<void>;
  readonly ready: () => "ready" | { readonly reason: string };
  /** Takes and gives out nothing more; resolves when the batches under way are done. */
  readonly close: () => Promise<void>;
};

/** Begins to connect at once and goes on for as long as it takes. Redis 7 or newer, or a Redis Cluster. */
export function openSampleQueue(options: QueueOptions): SampleQueue {
  const { place, prefix = "shoal", log } = options;
  const limits: QueueLimits = { ...QUEUE_LIMITS, ...options.limits };
  const clients = createClients(place, limits);
  const queue = new Bull<Payload>("samples", {
    prefix: queuePrefix(prefix),
    createClient: clients.create,
    defaultJobOptions: {
      attempts: limits.attempts,
      backoff: { type: "exponential", delay: limits.backoffMs },
      removeOnComplete: true,
      removeOnFail: { count: limits.dead },
      stackTraceLimit: 1,
    },
    settings: {
      lockDuration: limits.lockMs,
      stalledInterval: limits.stalledMs,
      maxStalledCount: limits.stalls,
      retryProcessDelay: limits.recoverMs,
    },
  });
  const tell = troubleTeller((error) => log.warn({ err: error }, "trouble with the queue of samples"));
  queue.on("error", tell);
  let open = true;

  const ready = (): "ready" | { readonly reason: string } => {
    if (!open) return { reason: "the queue was closed" };
    const { status } = queue.client;
    return status === "ready" ? "ready" : { reason: `no connection to the queue's Redis (${status})` };
  };
  const counts = async (): Promise<JobCounts> => {
    const { waiting, active, delayed, failed } = await queue.getJobCounts();
    return { waiting, active, delayed, dead: failed };
  };

  return {
    sink: {
      async accept(batch) {
        if (!open) throw new QueueRefused("closed", "The queue is closed and takes no more samples.");
        const state = ready();
        if (state !== "ready") throw new QueueRefused("offline", state.reason);
        const { waiting, delayed } = await counts();
        if (waiting + delayed >= limits.backlog) {
          throw new QueueRefused(
            "full",
            `${waiting + delayed} batches wait already: start more workers, or look why none works.`,
          );
        }
        const payload = await packBatch(batch);
        if (payload.packed.length > limits.batchBytes) {
          throw new QueueRefused("tooLarge", `A batch of ${payload.packed.length} bytes is over ${limits.batchBytes}.`);
        }
        await queue.add(payload, { jobId: batchId(batch) });
      },
    },
    consume(fold, hopeless, news) {
      queue.on("stalled", news.stalled);
      queue.on("failed", (job: Bull.Job, error) => {
        const dead = job.attemptsMade >= limits.attempts || hopeless(error) || error.message.startsWith("job stalled");
        news.failed(dead ? "dead" : "retry");
        log.warn({ err: error, job: job.id, tries: job.attemptsMade, dead }, "a batch of samples was not folded");
      });
      const start = async (): Promise<void> => {
        // Rejects only when the queue is closed before Redis was ever there.
        await queue.process(limits.concurrency, async (job) => {
          try {
            await fold(await unpackBatch(job.data, limits.batchBytes));
          } catch (error) {
            if (hopeless(error)) await job.discard();
            throw error;
          }
        });
      };
      start().catch(tell);
    },
    counts,
    async revive() {
      for (const job of await queue.getFailed()) await job.retry();
    },
    ready,
    async close() {
      if (!open) return;
      open = false;
      // Bull waits for its connections; without Redis there is nothing to wait for.
      if (queue.client.status === "ready") await queue.close();
      clients.close();
    },
  };
}

/** Reports a trouble once for as long as it stays the same: a Redis that is away fails many calls a second. */
function troubleTeller(report: (error: Error) => void, quietMs = 10_000): (error: Error) => void {
  let last = { message: "", at: Number.NEGATIVE_INFINITY };
  return (error) => {
    const at = performance.now();
    if (error.message === last.message && at - last.at < quietMs) return;
    last = { message: error.message, at };
    report(error);
  };
}
