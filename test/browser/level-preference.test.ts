import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchChromium, openViewer, type Viewer } from "../support/browser.ts";
import { type Lab, openLab } from "../support/lab.ts";
import { until } from "../support/process.ts";

/** What the line carries, in bytes per second: twice the 1.04 Mbit/s of the large picture's peaks. */
const LINE = 260_000;
/**
 * What hls.js may read above the line. A part of a segment is measured over a few blocks, the first of which takes no time. Were
 * neighbours' bytes counted for the line's, or the last block's time left out, it would read many times the line.
 */
const MEASURED = 1.25;
/** hls.js goes up only where the next level, 0.91 Mbit/s on average, takes less than this part of the line. */
const CAUTION = 0.35;
const SMALL = 0;
const LARGE = 1;

let browser: Browser;
let lab: Lab;
beforeAll(async () => {
  [browser, lab] = await Promise.all([launchChromium(), openLab({ bytesPerSecond: LINE })]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});

const watch = (startLevel: number, upload: "share" | "off" = "share"): Promise<Viewer> => {
  const hls = { startLevel, abrBandWidthUpFactor: CAUTION };
  return openViewer(browser, lab.page({ stream: "vod", shoal: { upload }, hls }));
};

const levels = ({ page }: Viewer): Promise<readonly number[]> =>
  page.evaluate(() => window.lab?.loaded.map(({ level }) => level) ?? []);

const loads = (viewer: Viewer, count: number): Promise<void> =>
  until(
    `${count} segments`,
    60_000,
    async () => (await levels(viewer)).length >= count,
    () => levels(viewer),
  );

it("a viewer with the small picture takes the large one that two neighbours hold, where plain hls.js would not", async () => {
  const holders = [await watch(LARGE), await watch(LARGE)];
  for (const { page } of holders) {
    await page.evaluate((level) => {
      if (window.shoalDemo !== undefined) window.shoalDemo.hls.loadLevel = level;
    }, LARGE);
  }
  for (const holder of holders) await loads(holder, 9);
  for (const holder of holders) expect(new Set(await levels(holder))).toEqual(new Set([LARGE]));

  const [alone, among] = [await watch(SMALL, "off"), await watch(SMALL)];
  await Promise.all([loads(alone, 6), loads(among, 7)]);
  expect(new Set(await levels(alone))).toEqual(new Set([SMALL]));
  const seen = await levels(among);
  // With a segment or two buffered there is no comfort yet.
  expect(seen.slice(0, 2)).toEqual([SMALL, SMALL]);
  expect(seen.at(-1)).toBe(LARGE);
  // Neither did hls.js take its neighbours for the line.
  expect(await among.page.evaluate(() => window.shoalDemo?.hls.bandwidthEstimate)).toBeLessThan(LINE * 8 * MEASURED);
  expect((await among.stats()).stalls).toBe(0);
});
