import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Two projects: `unit` needs Node, redis-server and coturn; `browser` drives real Chromium with real video, one file after the other and
 * after all of `unit`, since a page that shares two cores with a simulation stalls for lack of them.
 *
 * Files of one project share their worker's modules, as all that runs in one process does: what modules keep beyond a turn of the
 * event loop are buffers and caches, and what a test stubs it puts back. A process and all modules anew for each of more than two
 * hundred files took two fifths of the time of `unit`.
 */
export default defineConfig({
  root,
  test: {
    projects: [
      {
        test: {
          name: "unit",
          root,
          isolate: false,
          sequence: { groupOrder: 0 },
          // One for each core of the smallest machine that builds Shoal; left to itself, vitest would use one of two.
          maxWorkers: 2,
          include: ["test/{unit,property,conformance,redis}/**/*.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "browser",
          root,
          isolate: false,
          sequence: { groupOrder: 1 },
          include: ["test/browser/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
