import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasStarted, launchChromium, openViewer, playsOn, type Viewer } from "../../support/browser.ts";
import { openLab } from "../../support/lab.ts";
import { until } from "../../support/process.ts";

/** A viewer who drags the slider about. */

const SEEKS = 50;
const SEEK_MS = 200;
/** Slow enough that most seeks come while a segment is under way. In bytes per second. */
const SLOW = 600_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

/** Segment requests that the page has begun and not ended. */
function openRequests({ page }: Viewer): () => number {
  const open = new Set<unknown>();
  page.on("request", (request) => request.url().endsWith(".ts") && open.add(request));
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
  return () => open.size;
}

/** Seeks all over the two minutes of the film, the same way for everybody. */
const storm = ({ page }: Viewer): Promise<void> =>
  page.evaluate(
    ([seeks, ms]) =>
      new Promise<void>((resolve) => {
        const { video } = window.shoalDemo ?? {};
        let done = 0;
        const timer = setInterval(() => {
          if (video !== undefined) video.currentTime = (done * 41) % 110;
          if (++done < seeks) return;
          clearInterval(timer);
          resolve();
        }, ms);
      }),
    [SEEKS, SEEK_MS] as const,
  );

it("fifty seeks in ten seconds beside a neighbour: no error, nothing left open, no more from the CDN than by plain hls.js", async () => {
  const [calm, shared] = [await openLab({ bytesPerSecond: SLOW }), await openLab({ bytesPerSecond: SLOW })];
  const neighbour = await openViewer(browser, shared.page({ stream: "vod" }));
  await hasStarted(neighbour);
  const plain = await openViewer(browser, calm.page({ stream: "vod", shoal: { upload: "off" } }));
  const viewer = await openViewer(browser, shared.page({ stream: "vod" }));
  const [open, openPlain] = [openRequests(viewer), openRequests(plain)];
  await hasStarted(viewer);
  await until("the two to meet", 15_000, async () => (await viewer.stats()).peers === 1, viewer.stats);

  await Promise.all([storm(viewer), storm(plain)]);
  await Promise.all([playsOn(viewer, 3), playsOn(plain, 3)]);
  for (const { page } of [viewer, plain]) await page.evaluate(() => window.shoalDemo?.hls.stopLoad());
  await until(
    "all requests to end",
    5_000,
    () => open() === 0 && openPlain() === 0,
    () => [open(), openPlain()],
  );

  // By the origins' own accounts, which also know what was on its way when a request was stopped.
  const bought = shared.counts().segments.bytes - (await neighbour.stats()).cdnBytes;
  expect(bought).toBeLessThan(calm.counts().segments.bytes);
  expect(await viewer.page.evaluate(() => window.lab?.errors.filter(({ fatal }) => fatal))).toEqual([]);
  expect(viewer.errors).toEqual([]);
  expect((await viewer.stats()).tracker).toBe("up");
  for (const one of [neighbour, plain, viewer]) await one.close();
  await Promise.all([calm.close(), shared.close()]);
});
