import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../infra/build/index.ts";
import type { DiskTier, openDiskTier } from "../../player/storage/index.ts";
import type { SegmentId } from "../../tracker/protocol/index.ts";
import { CHROMIUM_ARGS, chromiumPath } from "../support/chromium.ts";
import { freePort, until } from "../support/process.ts";

/** The disk tier on a real disk: Chromium with a profile, as a viewer has it. */

const CAP = 20_000_000;

declare global {
  interface Window {
    openDiskTier?: typeof openDiskTier;
    disk?: DiskTier;
  }
}

let server: Server;
let profile: string;
let context: BrowserContext;
/** A page that opens no tier, to look on. */
let watch: Page;
let url: string;

beforeAll(async () => {
  const entry = join(ROOT, "player/storage/index.ts");
  const built = await build({
    configFile: false,
    logLevel: "warn",
    build: { write: false, target: "es2022", lib: { entry, formats: ["es"], fileName: "storage" } },
  });
  const [output] = Array.isArray(built) ? built : [built];
  const chunk = output !== undefined && "output" in output ? output.output[0] : undefined;
  if (chunk === undefined) throw new Error("vite built nothing");

  const port = await freePort();
  url = `http://127.0.0.1:${port}/`;
  const page = `<!doctype html><link rel="icon" href="data:,"><script type="module">
    import { openDiskTier } from "/storage.js";
    window.openDiskTier = openDiskTier;
  </script>`;
  server = createServer((request, response) => {
    const [type, body] = request.url === "/storage.js" ? ["javascript", chunk.code] : ["html", page];
    response.writeHead(200, { "content-type": `text/${type}` }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  profile = await mkdtemp(join(tmpdir(), "shoal-disk-"));
  context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: [...CHROMIUM_ARGS],
  });
  watch = await openPage();
});
afterEach(async () => {
  for (const page of context.pages()) if (page !== watch) await page.close();
  await untilSessionsAre(0);
});
afterAll(async () => {
  await context.close();
  server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

async function openPage(address = url): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction(() => window.openDiskTier !== undefined);
  return page;
}

/** Waits until the browser knows that no more sessions live; it frees locks a moment after a page is gone. */
const untilSessionsAre = (count: number) =>
  until(`${count} sessions`, 10_000, () =>
    watch.evaluate(async (wanted) => (await navigator.locks.query()).held?.length === wanted, count),
  );

/** A page with its tier open in `window.disk`. */
async function openSession(): Promise<Page> {
  const page = await openPage();
  await page.evaluate(async (capBytes) => {
    const disk = await window.openDiskTier?.({ capBytes });
    if (disk === undefined) throw new Error("the tier found no place");
    window.disk = disk;
  }, CAP);
  return page;
}

/** Keeps a segment of zeros. */
const put = (page: Page, segment: string, size: number) =>
  page.evaluate(([name, bytes]) => window.disk?.put(name as SegmentId, [new Uint8Array(bytes)]), [
    segment,
    size,
  ] as const);

/** Bytes that a segment has there, or undefined. */
const sizeOf = (page: Page, segment: string) =>
  page.evaluate(async (name) => {
    const blocks = await window.disk?.read(name as SegmentId);
    return blocks?.reduce((sum, { length }) => sum + length, 0);
  }, segment);

const caches = (page: Page) => page.evaluate(() => window.caches.keys());
/** Bytes on the disk, as the browser counts them. */
const usage = (page: Page) => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? -1);

describe("a session's disk tier", () => {
  it("gives back the very bytes, block by block, until they are removed", async () => {
    const page = await openSession();
    const seen = await page.evaluate(async () => {
      const { disk } = window;
      if (disk === undefined) throw new Error("no tier");
      const id = "1280x720/a.b~c?d#e%2f/42.0" as SegmentId;
      const results = [];
      for (const size of [1, 65_535, 65_536, 65_537, 3_000_001]) {
        const blocks: Uint8Array[] = [];
        for (let at = 0; at < size; at += 65_536) {
          blocks.push(crypto.getRandomValues(new Uint8Array(Math.min(65_536, size - at))));
        }
        const answer = await disk.put(id, blocks);
        const read = await disk.read(id);
        const same =
          read?.length === blocks.length &&
          read.every(
            (block, i) => block.length === blocks[i]?.length && block.every((byte, at) => byte === blocks[i]?.[at]),
          );
        results.push({ kind: answer.kind, same, bytes: disk.bytes() === size });
      }
      disk.remove(id);
      return { results, gone: await disk.read(id), bytes: disk.bytes() };
    });
    expect(seen.results).toEqual(Array(5).fill({ kind: "kept", same: true, bytes: true }));
    expect(seen.gone).toBeUndefined();
    expect(seen.bytes).toBe(0);
  });

  it("lets the oldest go at the cap, from the disk too", async () => {
    const page = await openSession();
    const answers = [];
    for (let n = 0; n < 7; n++) answers.push(await put(page, `v/${n}`, CAP / 4));
    const dropped = answers.map((answer) => answer?.dropped);
    expect(dropped).toEqual([[], [], [], [], ["v/0"], ["v/1"], ["v/2"]]);
    expect(await sizeOf(page, "v/2")).toBeUndefined();
    expect(await sizeOf(page, "v/3")).toBe(CAP / 4);
    expect(await usage(page)).toBeLessThan(CAP * 1.1);
  });

  it("does without more room than the browser gives", async () => {
    const page = await openSession();
    const devtools = await context.newCDPSession(page);
    const origin = new URL(url).origin;
    await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 3_000_000 });
    expect(await put(page, "v/1", 2_000_000)).toEqual({ kind: "kept", dropped: [] });
    expect(await put(page, "v/2", 1_500_000)).toEqual({ kind: "refused", reason: "quota", dropped: [] });
    expect(await put(page, "v/3", 1_500_000)).toEqual({ kind: "kept", dropped: ["v/1"] });
    expect(await sizeOf(page, "v/3")).toBe(1_500_000);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  });

  it("leaves nothing on the disk when it is closed, though the page stays", async () => {
    const page = await openSession();
    await put(page, "v/1", 1_000_000);
    expect(await usage(page)).toBeGreaterThan(1_000_000);
    await page.evaluate(() => window.disk?.close());
    expect(await caches(page)).toEqual([]);
    expect(await usage(page)).toBeLessThan(10_000);
    expect(await put(page, "v/1", 10)).toEqual({ kind: "refused", reason: "closed", dropped: [] });
  });
});

describe("what a session left without closing", () => {
  it("is removed by the next, which leaves the living alone", async () => {
    const left = await openSession();
    const [leftCache] = await caches(left);
    const living = await openSession();
    expect(await caches(living)).toHaveLength(2);
    await put(left, "v/1", 1_000_000);
    await put(living, "v/1", 500_000);
    await left.close();
    await untilSessionsAre(1);

    const next = await openSession();
    expect(await caches(next)).toHaveLength(2);
    expect(await caches(next)).not.toContain(leftCache);
    expect(await sizeOf(living, "v/1")).toBe(500_000);
    expect(await sizeOf(next, "v/1")).toBeUndefined();
    expect(await usage(next)).toBeLessThan(600_000);
  });

  it("is removed after a crash too", async () => {
    const left = await openSession();
    await put(left, "v/1", 1_000_000);
    const devtools = await context.newCDPSession(left);
    const crashed = new Promise((resolve) => left.once("crash", resolve));
    // Never answered: the page is gone.
    devtools.send("Page.crash").catch(() => undefined);
    await crashed;
    await untilSessionsAre(0);

    const next = await openSession();
    expect(await caches(next)).toHaveLength(1);
    expect(await usage(next)).toBeLessThan(10_000);
  });
});

describe("a page without a place", () => {
  it("is told so where the context is not secure", async () => {
    const insecure = "http://viewer.test/";
    await context.route(`${insecure}**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: new URL(pathname, url).href }) });
    });
    const page = await openPage(insecure);
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    expect(await page.evaluate((capBytes) => window.openDiskTier?.({ capBytes }), CAP)).toBeUndefined();
  });
});
