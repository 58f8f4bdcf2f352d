import type { Logger } from "pino";
import type { TrackerMetrics } from "../metrics.ts";

/** Counts and logs a call to the store that was rejected. */
export function noteStoreFailure(
  { log, metrics }: { readonly log: Logger; readonly metrics: TrackerMetrics },
  operation: string,
  error: unknown,
): void {
  metrics.storeFailed(operation);
  log.warn({ err: error, operation }, "the swarm store rejected a call");
}
