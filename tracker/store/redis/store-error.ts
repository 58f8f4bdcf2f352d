import { ErrorReply } from "redis";

/**
 * Why a call to Redis was rejected.
 * `offline`: no connection now. `slow`: no answer in time; Redis may still do what was asked. `busy`: too many calls wait for
 * Redis, or too many mails for one process. `refused`: Redis answered with an error. `unreadable`: its answer makes no sense,
 * as when another program uses the same keys. `undelivered`: the receiver of a mail threw an error. `closed`: the store was
 * closed.
 */
export type StoreTrouble = "offline" | "slow" | "busy" | "refused" | "unreadable" | "undelivered" | "closed";

/** The only error that calls to the Redis store reject with. The store tries nothing again by itself. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly reason: StoreTrouble;

  constructor(reason: StoreTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** What a client's error is to the caller of the store. */
export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = error instanceof Error ? error.message || error.name : String(error);
  return new StoreError(error instanceof ErrorReply ? "refused" : "offline", text, { cause: error });
}
