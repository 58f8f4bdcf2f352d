import type { Logger } from "pino";

/** One Redis by its URL (`redis://` or `rediss://`), or a Redis Cluster by the URLs of some of its nodes. */
export type RedisPlace = { readonly url: string } | { readonly nodes: readonly string[] };

/** Times and bounds of the queue. Tests shorten them; operators have no reason to. */
export const QUEUE_LIMITS = {
  /**
   * Batches that may wait. Beyond that many nothing is taken, so that viewers keep what they have to tell and Redis its
   * memory: 20,000 full batches are 5 million samples and take about 1 GB.
   */
  backlog: 20_000,
  /** Bytes of one batch as JSON, packed and unpacked. */
  batchBytes: 4 * 1024 * 1024,
  /** Batches that one worker folds at once: while Redis counts some of them in one step, the next are unpacked. */
  concurrency: 24,
  /** Tries of one batch before it is put aside as dead. With the pauses between them they take a good hour. */
  attempts: 12,
  /** Pause before the second try, in milliseconds; it doubles with each. */
  backoffMs: 1000,
  /** Dead batches kept for an operator to look at; the oldest go first. */
  dead: 1000,
  /** A worker that says nothing about a batch for so long has died, in milliseconds. */
  lockMs: 30_000,
  /** Time between two looks for batches of workers that died, in milliseconds. */
  stalledMs: 15_000,
  /** Workers that may die over one batch before it is put aside as dead. */
  stalls: 10,
  /** Longest wait for Redis, in milliseconds; then a call is rejected. */
  callMs: 5000,
  /** Pause of a worker after Redis failed it, in milliseconds. */
  recoverMs: 1000,
} as const;
export type QueueLimits = { readonly [Name in keyof typeof QUEUE_LIMITS]: number };

export type QueueOptions = {
  readonly place: RedisPlace;
  /** What all keys begin with; installations that know nothing of each other can share a Redis. */
  readonly prefix?: string;
  readonly log: Logger;
  readonly limits?: Partial<QueueLimits>;
};

/**
 * The part of a key that Redis Cluster places it by stands in braces: all of a queue lives on one node, for Bull moves jobs
 * between its keys in scripts.
 */
export const queuePrefix = (prefix: string): string => `{${prefix}-queue}`;

/** Why the queue did not take a batch; in every case the viewer is to keep its samples. */
export type QueueTrouble = "full" | "offline" | "tooLarge" | "closed";

export class QueueRefused extends Error {
  override readonly name = "QueueRefused";
  readonly reason: QueueTrouble;

  constructor(reason: QueueTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
