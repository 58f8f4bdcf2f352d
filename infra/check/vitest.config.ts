import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Two projects: `unit` needs Node, redis-server and coturn; `browser` drives real Chromium with real video, one file after the other and
 * after all of `unit`, since a page that shares two cores with a simulation stalls for lack of them.
 */
export default defineConfig({
  root,
  test: {
    projects: [
      {
        test: {
          name: "unit",
          root,
          sequence: { groupOrder: 0 },
          include: ["test/{unit,property,conformance,redis}/**/*.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "browser",
          root,
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
