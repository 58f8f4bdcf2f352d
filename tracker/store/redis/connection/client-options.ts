import type { RedisLimits } from "../options.ts";

/** What every client of ours has in common. */
export function clientOptions(limits: RedisLimits) {
  return {
    // A call that waits for a connection would be answered long after its viewer has gone.
    disableOfflineQueue: true,
    commandsQueueMaxLength: limits.calls,
    // Calls have a deadline of their own, which also counts the time that Redis takes.
    commandOptions: { timeout: 0 },
    clientInfoTag: "shoal-tracker",
  } as const;
}

/** Sockets that end with their first failure. */
export const socketOptions = (limits: RedisLimits) =>
  ({ connectTimeout: limits.callMs, reconnectStrategy: false }) as const;
