import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { launchChromium, openViewer, type Viewer } from "../../support/browser.ts";
import { type Running, start, until } from "../../support/process.ts";
import { visitPage } from "./page.ts";

/**
 * Browsers that watch live for a while; then what reports say the CDN delivered is held against what the demo's origin says it sent.
 * After that, how the report page opens on what they left behind.
 */
export async function benchLive(of: { readonly viewers: number; readonly seconds: number; readonly visits: number }) {
  const shoal = await start("main");
  const browser = await launchChromium();
  try {
    const sums = await compare(shoal, browser, of);
    return { ...sums, ...(await visitPage(browser, `${shoal.url}/reports`, of.visits)) };
  } finally {
    await browser.close();
    await shoal.stop();
  }
}

async function compare(
  shoal: Running,
  browser: Browser,
  { viewers, seconds }: { readonly viewers: number; readonly seconds: number },
) {
  const json = async (path: string): Promise<unknown> => (await fetch(`${shoal.url}${path}`)).json();
  const told = async () => ((await json("/api/v1/reports/summary")) as { bytes: { cdn: number; peer: number } }).bytes;
  await fetch(`${shoal.url}/demo/origin/reset`, { method: "POST" });
  const audience: Viewer[] = [];
  for (let index = 0; index < viewers; index++) audience.push(await openViewer(browser, `${shoal.url}/?stream=live`));
  await sleep(seconds * 1000);
  // As a reader closes a tab: what a page has to tell it tells on its way out.
  for (const { page } of audience) await page.close({ runBeforeUnload: true });
  await until("the tabs to close", 20_000, () => audience.every(({ page }) => page.isClosed()));
  let last = await told();
  await until("the last of the samples", 30_000, async () => {
    await sleep(2000);
    const before = last;
    last = await told();
    return last.cdn === before.cdn && last.peer === before.peer;
  });
  const { segments } = (await json("/demo/origin/counts")) as { segments: { bytes: number } };
  for (const { context } of audience) await context.close();
  return {
    originBytes: segments.bytes,
    reportedCdnBytes: last.cdn,
    reportedPeerBytes: last.peer,
    differencePercent: (100 * (last.cdn - segments.bytes)) / segments.bytes,
  };
}
