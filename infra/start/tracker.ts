import { discardSamples, trackerRole } from "./roles.ts";
import { run } from "./run.ts";

/** `npm run tracker`: signalling and the player's scripts. Reports need the worker, so samples are not kept. */
await run({
  role: "tracker",
  parts: ["shell", "redis", "tracker"],
  assets: ["player"],
  roles: async (config, deps) => [await trackerRole(config, discardSamples, deps)],
  greeting: (url) => `Shoal's tracker is up: scripts ${url}player.js and ${url}shoal.mjs  (it keeps no reports)`,
});
