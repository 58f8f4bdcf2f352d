import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type {} from "../../infra/demo/main.ts";
import type { PeerInfo, ShoalStats } from "../../player/embed/api.ts";
import { CHROMIUM_ARGS, chromiumPath } from "./chromium.ts";
import { until } from "./process.ts";

/** Real Chromium, headless. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: [...CHROMIUM_ARGS] });

export type Viewer = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page wrote to its console as an error, and what it threw. */
  readonly errors: readonly string[];
  readonly stats: () => Promise<ShoalStats>;
  readonly peers: () => Promise<readonly PeerInfo[]>;
  /** Where playback is, in seconds. */
  readonly time: () => Promise<number>;
  readonly close: () => Promise<void>;
  /** The page dies in the midst of it all, as with a battery: nobody is told. */
  readonly vanish: () => Promise<void>;
};

/**
 * Opens a page that keeps its player in `window.shoalDemo`, in a profile of its own. `sabotage` runs in the page before any of
 * its own code.
 */
export async function openViewer(browser: Browser, url: string, sabotage?: () => void): Promise<Viewer> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  if (sabotage !== undefined) await context.addInitScript(sabotage);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(url);
  await page.waitForFunction(() => window.shoalDemo !== undefined);
  const demo = async <T>(read: () => T | undefined): Promise<T> => {
    const value = await page.evaluate(read);
    if (value === undefined) throw new Error("the page has no player");
    return value;
  };
  return {
    page,
    context,
    errors,
    stats: () => demo(() => window.shoalDemo?.session.stats()),
    peers: () => demo(() => window.shoalDemo?.session.peers()),
    time: () => demo(() => window.shoalDemo?.video.currentTime),
    close: () => context.close(),
    async vanish() {
      const crashed = page.waitForEvent("crash");
      const devTools = await context.newCDPSession(page);
      // Whom it was told to has nothing to answer with any more.
      devTools.send("Page.crash").catch(() => undefined);
      await crashed;
      await context.close();
    },
  };
}

/** Waits for the first frame. */
export const hasStarted = (viewer: Viewer): Promise<void> =>
  until("the first frame", 30_000, async () => (await viewer.stats()).startupMs !== undefined, viewer.stats);

/** Waits until playback has moved on by `seconds` from where it is now. */
export async function playsOn(viewer: Viewer, seconds: number): Promise<void> {
  const goal = (await viewer.time()) + seconds;
  const there = async () => (await viewer.time()) >= goal;
  await until(`${seconds} s more of playback`, seconds * 1000 + 15_000, there, viewer.stats);
}
