import { reports } from "./reports.ts";
import { originRole, reportAccess, trackerRole } from "./roles.ts";
import { run } from "./run.ts";

/** `npm start`: everything in one process. */
await run({
  role: "all",
  parts: ["shell", "redis", "data", "tracker", "worker", "alerts"],
  assets: ["player", "pages/demo", "pages/reports"],
  roles: async (config, deps) => {
    const { role, sink } = await reports(config, deps);
    return [await originRole(), await trackerRole(config, sink, deps), role];
  },
  greeting: (url, config) => {
    const closed = reportAccess(config).kind === "closed" ? " (closed: set REPORT_TOKENS)" : "";
    return `Shoal is up: demo ${url}  reports ${url}reports${closed}`;
  },
});
