import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { PRIVATES } from "../../../infra/build/bundles.ts";

/** All names that stand where a property's name can. */
const names = (source: string): string[] => [...source.matchAll(/\b[a-zA-Z_]\w*(?=\??:)/g)].map(([name]) => name);

test.each([
  "player/embed/api.ts",
  "player/embed/options.ts",
  "player/overlay/index.ts",
  "player/overlay/figures.ts",
  "player/overlay/neighbours.ts",
  "player/storage/tier.ts",
  "player/stats/counts.ts",
  "player/transport/signals.ts",
  "tracker/protocol/messages.ts",
  "worker/protocol/sample.ts",
])("nothing that leaves the player is made short when it is built: %s", async (path) => {
  const all = names(await readFile(path, "utf8"));
  expect(all.length).toBeGreaterThan(5);
  expect(all.filter((name) => PRIVATES.test(name))).toEqual([]);
});

test("what is made short are the engine's own words", () => {
  expect(
    names("{ movedAt: 1, restUntil?: 2, bytesPerMs: 3, holdings: 4, at: 5 }").filter((name) => PRIVATES.test(name)),
  ).toEqual(["movedAt", "restUntil", "bytesPerMs", "holdings"]);
});
