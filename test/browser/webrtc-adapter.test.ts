import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShoalSession, ShoalStats } from "../../player/embed/api.ts";
import { launchChromium } from "../support/browser.ts";
import { type Lab, openLab } from "../support/lab.ts";
import { until } from "../support/process.ts";

const ADAPTER = "/shoal-webrtc-adapter.mjs";

let browser: Browser;
let lab: Lab;
/** Somebody else's site, with the classic script as a site owner writes it. */
let site: Server;
beforeAll(async () => {
  [browser, lab] = await Promise.all([launchChromium(), openLab({ pictures: "small" })]);
  const html = `<!doctype html><link rel="icon" href="data:,">
    <video muted autoplay data-shoal="${lab.url}/demo/vod/master.m3u8"></video><script src="${lab.url}/player.js"></script>`;
  site = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(html));
  await once(site.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  await browser.close();
  await lab.close();
  site.close();
});

type Visit = {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly sockets: readonly string[];
  readonly adapters: readonly string[];
  readonly stats: () => Promise<ShoalStats>;
};

type Browsers = "current" | "older";

/** Opens the page in a browser of this age; `answer` is what becomes of its request for webrtc-adapter. */
async function visit(script: "shoal.mjs" | "player.js", age: Browsers, answer = (route: Route) => route.continue()) {
  const context = await browser.newContext();
  if (age === "older") {
    await context.addInitScript(() => {
      Reflect.deleteProperty(RTCPeerConnection.prototype, "connectionState");
    });
  }
  await context.route(`**${ADAPTER}`, answer);
  const page = await context.newPage();
  const sockets: string[] = [];
  const adapters: string[] = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  page.on("request", (request) => {
    if (request.url().includes("adapter")) adapters.push(request.url());
  });
  const { port } = site.address() as AddressInfo;
  await page.goto(script === "player.js" ? `http://127.0.0.1:${port}/` : lab.page({ stream: "vod" }));
  const stats = () =>
    page.evaluate(() => {
      const { Shoal } = window as { Shoal?: { sessions: ShoalSession[] } };
      const session = window.shoalDemo?.session ?? Shoal?.sessions[0];
      if (session === undefined) throw new Error("the page has no player");
      return session.stats();
    });
  return { page, context, sockets, adapters, stats } satisfies Visit;
}

const started = ({ stats }: Visit): Promise<void> =>
  until("the first frame", 30_000, async () => (await stats()).startupMs !== undefined, stats);
const linked = ({ stats }: Visit): Promise<void> =>
  until("a link", 30_000, async () => (await stats()).peers === 1, stats);
const whole = ({ page }: Visit): Promise<boolean> =>
  page.evaluate(() => "connectionState" in RTCPeerConnection.prototype);

describe.each(["shoal.mjs", "player.js"] as const)("%s", (script) => {
  it("asks for webrtc-adapter in no current browser", async () => {
    const visits = [await visit(script, "current"), await visit(script, "current")] as const;
    for (const one of visits) await linked(one);
    expect(visits.flatMap(({ adapters }) => adapters)).toEqual([]);
    await Promise.all(visits.map(({ context }) => context.close()));
  });

  it("plays in an older browser while webrtc-adapter is on its way, and links when it has come", async () => {
    const other = await visit(script, "current");
    let come = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      come = resolve;
    });
    const older = await visit(script, "older", (route) => held.then(() => route.continue()));
    await started(older);
    expect(older.adapters).toEqual([lab.url + ADAPTER]);
    expect(older.sockets).toEqual([]);
    expect(await whole(older)).toBe(false);
    come();
    await Promise.all([linked(older), linked(other)]);
    expect(await whole(older)).toBe(true);
    expect((await older.stats()).stalls).toBe(0);
    await Promise.all([older.context.close(), other.context.close()]);
  });

  it("links in an older browser without webrtc-adapter where it cannot be had", async () => {
    const other = await visit(script, "current");
    const older = await visit(script, "older", (route) => route.abort());
    await Promise.all([linked(older), linked(other)]);
    expect(older.adapters).toEqual([lab.url + ADAPTER]);
    expect(await whole(older)).toBe(false);
    await Promise.all([older.context.close(), other.context.close()]);
  });
});
