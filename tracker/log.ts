import type { Logger } from "pino";

/** What the log says of where a connection comes from: nothing, unless the operator asked for it. */
export const loggedAddress = (
  config: { readonly logAddresses: boolean },
  address: string | undefined,
): { readonly address?: string } => (config.logAddresses && address !== undefined ? { address } : {});

/** Shortest time between two lines about the same kind of trouble, in milliseconds. */
const QUIET_MS = 10_000;

/** Warns of trouble that comes in thousands: the first at once, later ones at most every ten seconds, with how many were left out. */
export function createSparseLog(log: Logger, clock: () => number): (about: object, message: string) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (about, message) => {
    const now = clock();
    if (now - saidAt < QUIET_MS) {
      unsaid += 1;
      return;
    }
    log.warn({ ...about, ...(unsaid > 0 && { unsaid }) }, message);
    saidAt = now;
    unsaid = 0;
  };
}
