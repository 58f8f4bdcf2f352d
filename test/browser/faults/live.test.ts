import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasStarted, launchChromium, openViewer, playsOn, type Viewer } from "../../support/browser.ts";
import { type Lab, openLab } from "../../support/lab.ts";
import { until } from "../../support/process.ts";

/** Live playlists that do what they must not, or what they may only once. */

/** Segments of the film before it begins again; a jump back by whole rounds keeps pictures and their timestamps together. */
const LOOP = 5;
const JUMP_MS = LOOP * 4000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
/** Without a worker, which would take the bytes away from the page; and what was played is asked for again when it comes again. */
const HLS = { enableWorker: false, backBufferLength: 0 };

const open = (lab: Lab, upload: "share" | "off"): Promise<Viewer> =>
  openViewer(browser, lab.page({ stream: "live", shoal: { upload }, hls: HLS }));

async function loaded(viewer: Viewer) {
  return (await viewer.page.evaluate(() => window.lab?.loaded)) ?? [];
}
const fatal = (viewer: Viewer) => viewer.page.evaluate(() => window.lab?.errors.filter((error) => error.fatal));

/** The last number in the playlist. */
const edge = (viewer: Viewer): Promise<number> =>
  viewer.page.evaluate(() => window.shoalDemo?.hls.latestLevelDetails?.endSN ?? 0);

/**
 * What a page does when its live stream hangs: hls.js begins anew at the live edge, which it otherwise does not on
 * lower numbers than `last`. Returns how many segments had been loaded before that.
 */
async function goLive(viewer: Viewer, last: number): Promise<number> {
  await until("the playlist to jump back", 10_000, async () => (await edge(viewer)) < last);
  return viewer.page.evaluate(() => {
    const { hls, video } = window.shoalDemo ?? {};
    hls?.recoverMediaError();
    if (video !== undefined) video.currentTime = hls?.liveSyncPosition ?? 0;
    void video?.play();
    return window.lab?.loaded.length ?? 0;
  });
}

it.concurrent("a playlist that jumps back, where each number means other bytes: nobody gets the old ones, playback goes on as in hls.js", async () => {
  const lab = await openLab({ pictures: "small", loop: LOOP });
  const viewers = [await open(lab, "share"), await open(lab, "share")];
  const plain = await open(lab, "off");
  for (const viewer of viewers) await hasStarted(viewer);
  await Promise.all([...viewers, plain].map((viewer) => playsOn(viewer, 7)));
  const held = new Set((await loaded(viewers[0] as Viewer)).map(({ sn }) => sn));
  const all = [plain, ...viewers];
  const last = Math.min(...(await Promise.all(all.map(edge))));
  lab.restartLive(JUMP_MS);

  const before = await Promise.all(all.map((viewer) => goLive(viewer, last)));
  for (const [i, viewer] of all.entries()) {
    const seen = async () => (await loaded(viewer)).slice(before[i]).filter(({ sha256 }) => sha256 !== "");
    await until(
      "two numbers to come again",
      60_000,
      async () => (await seen()).filter(({ sn }) => held.has(sn)).length >= 2,
      seen,
    );
    for (const { path, sha256 } of await seen()) expect(sha256, path).toBe(lab.sha256Of(path));
    await playsOn(viewer, 4);
    expect(await fatal(viewer)).toEqual([]);
    expect(viewer.errors).toEqual([]);
  }
  await Promise.all(all.map((viewer) => viewer.close()));
  await lab.close();
});
