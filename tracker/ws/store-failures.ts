import type { Logger } from "pino";
import { createSparseLog } from "../log.ts";
import type { TrackerMetrics } from "../metrics.ts";

/** Where calls that the store rejected are counted and told of. */
export type StoreFailures = { readonly note: (operation: string, error: unknown) => void };

/** Every failure is counted; of a row of them a line is logged now and then: thousands of viewers meet the same one. */
export function createStoreFailures(parts: {
  readonly log: Logger;
  readonly metrics: TrackerMetrics;
  readonly clock: () => number;
}): StoreFailures {
  const warn = createSparseLog(parts.log, parts.clock);
  return {
    note(operation, error) {
      parts.metrics.storeFailed(operation);
      warn({ err: error, operation }, "the swarm store rejected a call");
    },
  };
}
