import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasStarted, launchChromium, openViewer, playsOn } from "../support/browser.ts";
import { type Running, start } from "../support/process.ts";

declare global {
  interface Window {
    /** When hls.js heard that its media source is open. */
    sourceOpenAt?: number;
  }
}

let browser: Browser;
let shoal: Running;
beforeAll(async () => {
  [browser, shoal] = await Promise.all([launchChromium(), start("main")]);
});
afterAll(() => Promise.all([browser.close(), shoal.stop()]));

/** As on a slow device: the media source opens a second late. */
function openLate(): void {
  const add = MediaSource.prototype.addEventListener;
  MediaSource.prototype.addEventListener = function (this: MediaSource, type: string, listener: EventListener) {
    if (type !== "sourceopen") return add.call(this, type, listener);
    const late = (event: Event) => {
      setTimeout(() => {
        window.sourceOpenAt = performance.now();
        listener.call(this, event);
      }, 1000);
    };
    add.call(this, type, late, { once: true });
  };
}

it.each(["vod", "live"])("the first segment is there before the media source is open, %s", async (stream) => {
  const viewer = await openViewer(browser, `${shoal.url}/?stream=${stream}`, openLate);
  await hasStarted(viewer);
  const seen = await viewer.page.evaluate(() => ({
    openAt: window.sourceOpenAt,
    segments: performance.getEntriesByType("resource").flatMap((entry) => {
      const { name, responseEnd } = entry as PerformanceResourceTiming;
      return name.endsWith(".ts") ? [responseEnd] : [];
    }),
    prefetch: window.shoalDemo?.hls.config.startFragPrefetch,
  }));
  expect(seen.segments.filter((at) => at < (seen.openAt ?? 0))).toHaveLength(1);
  expect(seen.prefetch).toBe(false);
  await playsOn(viewer, 6);
  const stats = await viewer.stats();
  expect(stats.stalls, JSON.stringify(stats)).toBe(0);
  expect(viewer.errors).toEqual([]);
  await viewer.close();
});
