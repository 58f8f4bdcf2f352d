import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { violationsOn } from "../support/accessible.ts";
import { hasStarted, launchChromium, openViewer, type Viewer } from "../support/browser.ts";
import { type Running, start, until } from "../support/process.ts";

let browser: Browser;
let shoal: Running;
let viewer: Viewer;
beforeAll(async () => {
  [browser, shoal] = await Promise.all([launchChromium(), start("main")]);
  // Live: after the first segments one comes every few seconds, so that the first one's story stands for a while.
  viewer = await openViewer(browser, `${shoal.url}/?stream=live&shoal-debug`);
});
afterAll(async () => {
  await browser?.close();
  await shoal?.stop();
});

/** Playwright's selectors see into open shadow roots. */
const panel = (page: Page) => page.getByRole("region", { name: "Shoal: where this video comes from" });

describe("the overlay on the demo page, whose policy forbids inline styles", () => {
  it("tells in words why a segment came from the CDN", async () => {
    await hasStarted(viewer);
    const text = (): Promise<string> => panel(viewer.page).innerText();
    await until(
      "a story",
      20_000,
      async () => (await text()).includes("From the CDN. The first picture does not wait"),
      text,
    );
    // The swarm is joined with the first frame, so its answer may come after the first segment's story.
    await until("the swarm", 20_000, async () => (await text()).includes("You are the only viewer."), text);
    expect(viewer.errors).toEqual([]);
  });

  it("stays as it is whatever the page's own styles say", async () => {
    const look = () =>
      panel(viewer.page).evaluate((element) => {
        const host = (element.getRootNode() as ShadowRoot).host;
        const { position, top, display, opacity } = getComputedStyle(host);
        const { fontSize, color, backgroundColor } = getComputedStyle(element);
        const { width } = element.getBoundingClientRect();
        return { position, top, display, opacity, fontSize, color, backgroundColor, width };
      });
    const before = await look();
    expect(before).toMatchObject({ position: "fixed", top: "12px", fontSize: "13px", width: 360 });
    await viewer.page.evaluate(() => {
      const hostile = new CSSStyleSheet();
      hostile.replaceSync(`* { all: unset; font: 40px serif !important; color: red !important; opacity: 0.1 !important }
        shoal-overlay, [popover] { position: static !important; display: none !important; inset: 50% !important }`);
      document.adoptedStyleSheets = [hostile];
    });
    expect(await look()).toEqual(before);
    await viewer.page.evaluate(() => {
      document.adoptedStyleSheets = [];
    });
  });

  it("is accessible, as is the page below it, in light and dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await viewer.page.emulateMedia({ colorScheme });
      expect(await violationsOn(viewer.page), colorScheme).toEqual([]);
    }
  });

  it("fits a phone, where its button is large enough for a thumb", async () => {
    await viewer.page.setViewportSize({ width: 390, height: 844 });
    const box = await panel(viewer.page).boundingBox();
    const close = await panel(viewer.page).getByRole("button").boundingBox();
    expect(box).toMatchObject({ x: 8, width: 374 });
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeCloseTo(844 - 8, 0);
    expect(close?.height).toBeGreaterThanOrEqual(44);
    await viewer.page.setViewportSize({ width: 1280, height: 900 });
  });

  it("closes by Escape or its button, and with the session, while the video plays on", async () => {
    const { page } = viewer;
    const open = async () => {
      await page.evaluate(() => void window.shoalDemo?.session.overlay());
      await panel(page).waitFor();
    };
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    await open();
    await panel(page).getByRole("button", { name: "Close" }).click();
    await panel(page).waitFor({ state: "detached" });
    await open();
    await page.evaluate(() => window.shoalDemo?.session.destroy());
    await panel(page).waitFor({ state: "detached" });
    const time = await viewer.time();
    await until("the video to go on", 10_000, async () => (await viewer.time()) > time);
  });
});
