import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasStarted, launchChromium, openViewer, playsOn, type Viewer } from "../../support/browser.ts";
import { type Lab, openLab } from "../../support/lab.ts";
import { until } from "../../support/process.ts";

/** A live stream ends: EXT-X-ENDLIST appears, and what was live is on demand from then on. */

let browser: Browser;
let lab: Lab;
beforeAll(async () => {
  [browser, lab] = await Promise.all([launchChromium(), openLab({ pictures: "small" })]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});

/** Without a worker, which would take the bytes away from the page. */
const open = (): Promise<Viewer> => openViewer(browser, lab.page({ stream: "live", hls: { enableWorker: false } }));

async function loaded(viewer: Viewer) {
  return (await viewer.page.evaluate(() => window.lab?.loaded)) ?? [];
}

it("numbers stay, everybody plays it out, and latecomers take it from those who are there", async () => {
  const viewer = await open();
  await hasStarted(viewer);
  await playsOn(viewer, 5);
  const live = new Set((await loaded(viewer)).map(({ sn }) => sn));
  lab.endLive();
  const latecomer = await open();
  await hasStarted(latecomer);
  for (const { page } of [viewer, latecomer]) {
    // It is all there already: three times as fast will do.
    await page.evaluate(() => window.shoalDemo && Object.assign(window.shoalDemo.video, { playbackRate: 3 }));
  }
  for (const each of [viewer, latecomer]) {
    const ended = () => each.page.evaluate(() => window.shoalDemo?.video.ended === true);
    await until("the end", 45_000, ended, each.stats);
    expect(await each.page.evaluate(() => window.lab?.errors.filter(({ fatal }) => fatal))).toEqual([]);
    expect(each.errors).toEqual([]);
    for (const { path, sha256 } of await loaded(each)) expect(sha256, path).toBe(lab.sha256Of(path));
    expect((await each.stats()).stalls).toBe(0);
  }
  const brought = (await latecomer.page.evaluate(() => window.lab?.brought)) ?? [];
  const shared = brought.filter(({ msn, peerBytes }) => live.has(msn) && peerBytes > 0);
  expect(shared.length, JSON.stringify([[...live], brought])).toBeGreaterThanOrEqual(2);
  await Promise.all([viewer.close(), latecomer.close()]);
});
