import Bull from "bull";
import { createClients } from "./clients.ts";
import { QUEUE_LIMITS, type QueueLimits, type QueueOptions, queuePrefix } from "./options.ts";

/** Something to be done again and again, by one worker at a time wherever it runs. Safe to be done twice. */
export type Chore = { readonly name: string; readonly everyMs: number; readonly run: () => Promise<void> };
export type Chores = { readonly close: () => Promise<void> };

/**
 * Repeatable jobs: each round of a chore is done by one of all workers of this prefix. A round that fails is logged, and the next
 * one comes as if nothing had been.
 */
export function startChores(options: QueueOptions, chores: readonly Chore[]): Chores {
  const { place, prefix = "shoal", log } = options;
  const limits: QueueLimits = { ...QUEUE_LIMITS, ...options.limits };
  const clients = createClients(place, limits);
  const queue = new Bull("chores", {
    prefix: queuePrefix(prefix),
    createClient: clients.create,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    settings: {
      lockDuration: limits.lockMs,
      stalledInterval: limits.stalledMs,
      maxStalledCount: limits.stalls,
      retryProcessDelay: limits.recoverMs,
    },
  });
  queue.on("error", (error) => log.debug({ err: error }, "trouble with the queue of chores"));
  queue.on("failed", (job, error) => log.warn({ err: error, chore: job.name }, "a chore failed"));

  /** Plans every chore, and forgets what an earlier version of Shoal had planned. A Redis that lost its data is told anew. */
  const plan = async (): Promise<void> => {
    for (const planned of await queue.getRepeatableJobs()) {
      if (!chores.some(({ name, everyMs }) => planned.name === name && planned.every === everyMs)) {
        await queue.removeRepeatableByKey(planned.key);
      }
    }
    for (const { name, everyMs } of chores) await queue.add(name, {}, { repeat: { every: everyMs } });
  };
  const planned = (): void => {
    plan().catch((error: unknown) =>
      log.warn({ err: error }, "the chores could not be planned; they will be when Redis is back"),
    );
  };
  queue.client.on("ready", planned);
  // All but the first wait for Redis inside Bull and reject together with it when the queue is closed before.
  for (const { name, run } of chores) {
    queue.process(name, 1, run).catch((error: unknown) => log.debug({ err: error, chore: name }, "the chore is over"));
  }

  return {
    async close() {
      queue.client.off("ready", planned);
      if (queue.client.status === "ready") await queue.close();
      clients.close();
    },
  };
}
