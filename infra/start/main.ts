import { originRole, reportAccess, trackerRole, workerRole } from "./roles.ts";
import { run } from "./run.ts";

/** `npm start`: everything in one process. */
await run({
  role: "all",
  parts: ["shell", "redis", "tracker", "worker"],
  assets: ["player", "pages/demo", "pages/reports"],
  roles: async (config, deps) => {
    const worker = workerRole(config, deps);
    return [await originRole(), await trackerRole(config, worker.sink, deps), worker.role];
  },
  greeting: (url, config) => {
    const closed = reportAccess(config).kind === "closed" ? " (closed: set REPORT_TOKENS)" : "";
    return `Shoal is up: demo ${url}  reports ${url}reports${closed}`;
  },
});
