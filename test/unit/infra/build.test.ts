import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { expect, it, onTestFinished } from "vitest";
import { type Bundler, ensureBuilt } from "../../../infra/build/index.ts";

async function workshop() {
  const root = await mkdtemp(join(tmpdir(), "shoal-build-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const dist = join(root, "dist");
  let builds = 0;
  const put = async (folder: string, file: string, content: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  };
  const bundle: Bundler = async (out) => {
    builds += 1;
    const source = await readFile(join(root, "player/a.ts"), "utf8");
    await put(out, "player/shoal.mjs", source);
    await put(out, "player/player.js", source);
    await put(out, "player/shoal-webrtc-adapter.mjs", source);
    await put(out, "player/shoal-disk.mjs", source);
    await put(out, "player/shoal-sha256.mjs", source);
    await put(out, "player/shoal-overlay.mjs", source);
    await put(out, `pages/demo/assets/demo-${source}.js`, source);
    await put(out, "pages/demo/index.html", source);
    await put(out, "pages/reports/index.html", source);
  };
  await put(root, "player/a.ts", "one");
  const build = (force = false, bundler = bundle) =>
    ensureBuilt({ log: pino({ level: "silent" }), root, dist, force, bundle: bundler });
  return { root, dist, put, build, builds: () => builds };
}

it("builds once, and again only when a source, its name or the output changed", async () => {
  const { root, dist, put, build, builds } = await workshop();
  expect((await build()).kind).toBe("built");
  expect((await build()).kind).toBe("current");
  await put(root, "player/a.ts", "two");
  expect((await build()).kind).toBe("built");
  await put(root, "worker/dashboard/new.ts", "");
  expect((await build()).kind).toBe("built");
  await rename(join(root, "worker/dashboard/new.ts"), join(root, "worker/dashboard/now.ts"));
  expect((await build()).kind).toBe("built");
  await put(root, "README.md", "not an input");
  expect((await build()).kind).toBe("current");
  await rm(join(dist, "player/player.js"));
  expect((await build()).kind).toBe("built");
  expect((await build(true)).kind).toBe("built");
  expect(builds()).toBe(6);
});

it("removes what the last build made and this one did not, and leaves no work behind", async () => {
  const { root, dist, put, build } = await workshop();
  await put(dist, "types/other.d.ts", "somebody else's");
  await build();
  await put(root, "player/a.ts", "two");
  await build();
  expect(await readdir(join(dist, "pages/demo/assets"))).toEqual(["demo-two.js"]);
  expect((await readdir(dist)).sort()).toEqual([".build-stamp", "pages", "player", "types"]);
  expect(await readFile(join(dist, "player/player.js"), "utf8")).toBe("two");
});

it("leaves the old files alone when a build fails, and tries again the next time", async () => {
  const { root, dist, put, build } = await workshop();
  await build();
  await put(root, "player/a.ts", "broken");
  const failing = build(false, () => Promise.reject(new Error("syntax")));
  await expect(failing).rejects.toThrow("syntax");
  expect(await readFile(join(dist, "player/player.js"), "utf8")).toBe("one");
  expect((await readdir(dist)).sort()).toEqual([".build-stamp", "pages", "player"]);
  expect((await build()).kind).toBe("built");
});

it("clears away what a killed build left, and no other build's work", async () => {
  const { dist, put, build } = await workshop();
  await put(dist, ".build-work-old/half.js", "");
  await put(dist, ".build-work-new/half.js", "");
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(join(dist, ".build-work-old"), longAgo, longAgo);
  await build();
  expect((await readdir(dist)).sort()).toEqual([".build-stamp", ".build-work-new", "pages", "player"]);
});

it("may run several times at once", async () => {
  const { dist, build } = await workshop();
  await Promise.all(Array.from({ length: 5 }, () => build()));
  expect((await readdir(join(dist, "player"))).sort()).toEqual([
    "player.js",
    "shoal-disk.mjs",
    "shoal-overlay.mjs",
    "shoal-sha256.mjs",
    "shoal-webrtc-adapter.mjs",
    "shoal.mjs",
  ]);
  expect((await build()).kind).toBe("current");
});
