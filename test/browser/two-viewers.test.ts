import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Summary } from "../../worker/protocol/index.ts";
import { hasStarted, launchChromium, openViewer, playsOn } from "../support/browser.ts";
import { type Running, start, until } from "../support/process.ts";

/** Bytes after which a viewer's sources are looked at: several segments beyond its start. */
const ENOUGH_BYTES = 3_000_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

async function summary(shoal: Running): Promise<Summary> {
  const response = await fetch(`${shoal.url}/api/v1/reports/summary`);
  return (await response.json()) as Summary;
}

async function originBytes(shoal: Running): Promise<number> {
  const response = await fetch(`${shoal.url}/demo/origin/counts`);
  return ((await response.json()) as { segments: { bytes: number } }).segments.bytes;
}

describe.each(["vod", "live"])("two viewers of the demo, %s", (stream) => {
  let shoal: Running;
  beforeAll(async () => {
    shoal = await start("main");
  });
  afterAll(() => shoal.stop());

  it("the second plays from the first, goes on when the first leaves, and the report agrees with the origin", async () => {
    const first = await openViewer(browser, `${shoal.url}/?stream=${stream}`);
    await hasStarted(first);
    await playsOn(first, 2);

    const second = await openViewer(browser, `${shoal.url}/?stream=${stream}`);
    await hasStarted(second);
    await until(
      "the second to have played enough",
      60_000,
      async () => (await second.stats()).playedBytes >= ENOUGH_BYTES,
      second.stats,
    );
    const stats = await second.stats();
    expect(stats.stalls, JSON.stringify(stats)).toBe(0);
    expect(stats.peers).toBe(1);
    expect(stats.peerBytes / stats.playedBytes, JSON.stringify(stats)).toBeGreaterThan(0.5);
    expect((await first.stats()).uploadBytes).toBeGreaterThan(0);

    await first.close();
    await playsOn(second, 12);
    expect((await second.stats()).stalls).toBe(0);
    expect(second.errors).toEqual([]);
    await second.close();

    await until(
      "report and origin to agree within 2 %",
      15_000,
      async () => {
        const [told, counted] = [(await summary(shoal)).bytes.cdn, await originBytes(shoal)];
        return Math.abs(told - counted) <= 0.02 * counted;
      },
      async () => [(await summary(shoal)).bytes, await originBytes(shoal)],
    );
    const report = await summary(shoal);
    expect(report.viewers.unique).toBe(2);
    expect(report.bytes.peer).toBeGreaterThan(0);
  });
});

describe("a tracker that dies", () => {
  it("leaves both viewers playing", async () => {
    const shoal = await start("main");
    const tracker = await start("tracker");
    const url = `${shoal.url}/?stream=live&tracker=${encodeURIComponent(tracker.url)}`;
    const viewers = [await openViewer(browser, url), await openViewer(browser, url)];
    for (const viewer of viewers) {
      await until("the viewers to meet", 30_000, async () => (await viewer.stats()).peers === 1, viewer.stats);
    }
    await tracker.kill();
    for (const viewer of viewers) {
      await until("the loss to be seen", 30_000, async () => (await viewer.stats()).tracker === "down", viewer.stats);
    }
    await Promise.all(viewers.map((viewer) => playsOn(viewer, 15)));
    for (const viewer of viewers) {
      expect((await viewer.stats()).stalls).toBe(0);
      await viewer.close();
    }
    await shoal.stop();
  });
});
