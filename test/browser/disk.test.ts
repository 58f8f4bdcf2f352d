import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchChromium, openViewer, playsOn, type Viewer } from "../support/browser.ts";
import { type Lab, openLab } from "../support/lab.ts";
import { until } from "../support/process.ts";

/** Room for two segments of the large picture in memory; what else was loaded can only be on disk. */
const MEMORY_BYTES = 1024 * 1024;
const DISK_BYTES = 50_000_000;
/** A line on which memory is not full before the browser has opened its disk. */
const BYTES_PER_SECOND = 500_000;
/** Segments that are loaded before a second viewer comes: all that the first may buffer. */
const LOADED = 5;
/** Segments of the beginning, which the first viewer has long pushed out of memory. */
const OLD = 3;

let browser: Browser;
let lab: Lab;
beforeAll(async () => {
  [browser, lab] = await Promise.all([
    launchChromium(),
    openLab({ pictures: "large", bytesPerSecond: BYTES_PER_SECOND }),
  ]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});

const brought = ({ page }: Viewer) => page.evaluate(() => window.lab?.brought ?? []);

it("what the first viewer has on disk only is given to the second, and never bought again", async () => {
  const limits = { storeBytes: MEMORY_BYTES, diskBytes: DISK_BYTES };
  const first = await openViewer(browser, lab.page({ stream: "vod", shoal: { limits } }));
  const loadedEnough = async () => (await brought(first)).length >= LOADED;
  await until(`${LOADED} segments`, 60_000, loadedEnough, () => brought(first));
  const inMemory = async () => (await first.stats()).storedBytes;
  await until("memory within its limit", 10_000, async () => (await inMemory()) <= MEMORY_BYTES, inMemory);

  const second = await openViewer(browser, lab.page({ stream: "vod" }));
  const old = async () => (await brought(second)).filter(({ bytes }) => bytes > 0).slice(0, OLD);
  await until(`${OLD} segments`, 60_000, async () => (await old()).length === OLD, second.stats);
  const fromDisk = (await old()).slice(1).reduce((sum, { peerBytes }) => sum + peerBytes, 0);
  const all = (await old()).slice(1).reduce((sum, { bytes }) => sum + bytes, 0);
  // The first may have begun at the CDN before the two had met.
  expect(fromDisk / all).toBeGreaterThan(0.9);

  await Promise.all([playsOn(first, 3), playsOn(second, 3)]);
  expect((await second.stats()).stalls).toBe(0);
  expect((await first.stats()).wastedBytes).toBe(0);
  for (const viewer of [first, second]) expect(viewer.errors).toEqual([]);
});
