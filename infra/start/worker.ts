import { onRedis, revive } from "./reports.ts";
import { reportAccess } from "./roles.ts";
import { run } from "./run.ts";

const NO_REDIS =
  "A worker of its own takes samples from Redis: set REDIS_URL as its trackers have it. Without Redis, npm start does both.";

/** `npm run worker`: takes the samples of all trackers on the same Redis, and serves reports. */
await run({
  role: "worker",
  parts: ["shell", "redis", "worker", "alerts"],
  assets: ["pages/reports"],
  roles: async (config, deps) => {
    if (config.redis.kind === "none") throw new Error(NO_REDIS);
    if (process.argv.includes("--revive")) await revive(config.redis, deps);
    return [onRedis(config, config.redis, deps).role];
  },
  greeting: (url, config) => {
    const closed = reportAccess(config).kind === "closed" ? " (closed: set REPORT_TOKENS)" : "";
    return `Shoal's worker is up: reports ${url}reports${closed}`;
  },
});
