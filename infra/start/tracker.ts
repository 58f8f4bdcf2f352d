import { samplesOf } from "./reports.ts";
import { trackerRole } from "./roles.ts";
import { run } from "./run.ts";

/** `npm run tracker`: signalling and the player's scripts. Samples go to the workers on the same Redis; without one they are not kept. */
await run({
  role: "tracker",
  parts: ["shell", "redis", "tracker"],
  assets: ["player"],
  roles: async (config, deps) => {
    const samples = samplesOf(config.redis, deps);
    return [await trackerRole(config, samples.sink, deps), samples.role];
  },
  greeting: (url, { redis }) => {
    const reports = redis.kind === "none" ? "  (it keeps no reports)" : "";
    return `Shoal's tracker is up: scripts ${url}player.js and ${url}shoal.mjs${reports}`;
  },
});
