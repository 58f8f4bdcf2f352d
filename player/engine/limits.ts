import type { EngineLimits } from "./types.ts";

/** What suits a desktop browser; pages and small devices change it, and the simulator plays with the same. */
export const DEFAULT_LIMITS: EngineLimits = {
  storeBytes: 96 * 1024 * 1024,
  neighbours: 16,
  blocksInFlight: 48,
  prefetchMs: 60_000,
  blocksQueuedPerLink: 2,
  uploadRatio: Number.POSITIVE_INFINITY,
};
