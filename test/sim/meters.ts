import type { Meters } from "./figures.ts";

/** The clocks of this process. */
export const METERS: Meters = {
  wallMs: () => performance.now(),
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};
