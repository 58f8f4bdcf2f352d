import { createServer, type Server } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasStarted, launchChromium, openViewer, playsOn } from "../support/browser.ts";
import { freePort, type Running, start, until } from "../support/process.ts";

/** What playback must survive, each on the real page with the real stream. */

let browser: Browser;
let shoal: Running;
beforeAll(async () => {
  [browser, shoal] = await Promise.all([launchChromium(), start("main")]);
});
afterAll(async () => {
  await browser.close();
  await shoal.stop();
});

/** Turns every block that this page sends into rubbish of the same length. */
function sendRubbish(): void {
  const send = RTCDataChannel.prototype.send as (this: RTCDataChannel, data: ArrayBufferView<ArrayBuffer>) => void;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
    if (!ArrayBuffer.isView(data)) return;
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength).slice();
    if (bytes.length > 1000) bytes.fill(7, 100);
    send.call(this, bytes);
  };
}

/** Takes every block that it is asked for, and never sends one. */
function neverAnswer(): void {
  const send = RTCDataChannel.prototype.send as (this: RTCDataChannel, data: ArrayBufferView<ArrayBuffer>) => void;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
    if (ArrayBuffer.isView(data) && data.byteLength < 1000) send.call(this, data as ArrayBufferView<ArrayBuffer>);
  };
}

describe("playback goes on untouched", () => {
  it("beside a neighbour that sends rubbish, which is let go and never played", async () => {
    const liar = await openViewer(browser, `${shoal.url}/?stream=vod`, sendRubbish);
    await hasStarted(liar);
    await playsOn(liar, 2);
    const viewer = await openViewer(browser, `${shoal.url}/?stream=vod`);
    await hasStarted(viewer);
    await playsOn(viewer, 12);
    const stats = await viewer.stats();
    expect(stats.stalls).toBe(0);
    expect(stats.peerBytes).toBe(0);
    expect(stats.wastedBytes).toBeGreaterThan(0);
    expect(stats.cdnReasons.failedCheck).toBeGreaterThan(0);
    await Promise.all([liar.close(), viewer.close()]);
  });

  it("beside a neighbour that never answers", async () => {
    const mute = await openViewer(browser, `${shoal.url}/?stream=live`, neverAnswer);
    await hasStarted(mute);
    const viewer = await openViewer(browser, `${shoal.url}/?stream=live`);
    await hasStarted(viewer);
    await playsOn(viewer, 20);
    expect(await viewer.stats()).toMatchObject({ stalls: 0, peerBytes: 0 });
    await Promise.all([mute.close(), viewer.close()]);
  });

  it("after a neighbour has closed its tab, who is missed at once and not when ICE gives it up", async () => {
    const [first, viewer] = [
      await openViewer(browser, `${shoal.url}/?stream=live`),
      await openViewer(browser, `${shoal.url}/?stream=live`),
    ];
    await until("the two to be linked", 30_000, async () => (await viewer.peers()).length === 1);
    await first.page.close({ runBeforeUnload: true });
    await until("the other to be missed", 3000, async () => (await viewer.peers()).length === 0);
    await Promise.all([first.close(), viewer.close()]);
  });

  it("after the neighbour that buys for both has died without a word", async () => {
    const first = await openViewer(browser, `${shoal.url}/?stream=live`);
    await hasStarted(first);
    const viewer = await openViewer(browser, `${shoal.url}/?stream=live`);
    await until("bytes from the neighbour", 30_000, async () => (await viewer.stats()).peerBytes > 1_000_000);
    await first.vanish();
    await playsOn(viewer, 20);
    expect((await viewer.stats()).stalls).toBe(0);
    await viewer.close();
  });

  it("without WebRTC", async () => {
    const viewer = await openViewer(browser, `${shoal.url}/?stream=vod`, () => {
      Reflect.deleteProperty(window, "RTCPeerConnection");
      Reflect.deleteProperty(window, "webkitRTCPeerConnection");
    });
    await until("playback", 30_000, async () => (await viewer.time()) > 5);
    expect(await viewer.stats()).toMatchObject({ tracker: "off", peers: 0 });
    await viewer.close();
  });

  it("without a tracker", async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const viewer = await openViewer(browser, `${shoal.url}/?stream=vod&tracker=${encodeURIComponent(nowhere)}`);
    await hasStarted(viewer);
    await playsOn(viewer, 5);
    const stats = await viewer.stats();
    expect(stats.stalls).toBe(0);
    expect(stats.cdnBytes).toBe(stats.playedBytes);
    await viewer.close();
  });
});

describe("a stream that cannot be played", () => {
  it.each([
    ["unreachable", "http://127.0.0.1:9/none.m3u8"],
    ["missing", "/demo/vod/nothing.m3u8"],
    ["no playlist", "/player.js"],
  ])("is told in words, with a way to try again: %s", async (_, src) => {
    const viewer = await openViewer(browser, `${shoal.url}/?src=${encodeURIComponent(src)}`);
    await viewer.page.getByRole("button", { name: /try again/i }).waitFor({ state: "visible", timeout: 30_000 });
    await viewer.close();
  });
});

describe("somebody else's page", () => {
  let site: Server;
  let url: string;
  const pages: Record<string, string> = {
    "/tag": `<!doctype html><video muted autoplay data-shoal="STREAM"></video><script src="SHOAL/player.js"></script>`,
    "/module": `<!doctype html><video muted autoplay></video><script src="/hls.js"></script>
      <script type="module">
        import { attachShoal } from "SHOAL/shoal.mjs";
        const hls = new Hls();
        window.session = attachShoal(hls, { tracker: "SHOAL" });
        hls.attachMedia(document.querySelector("video"));
        hls.loadSource("STREAM");
      </script>`,
  };

  beforeAll(async () => {
    const { readFile } = await import("node:fs/promises");
    const hls = await readFile(new URL("../../node_modules/hls.js/dist/hls.min.js", import.meta.url));
    const port = await freePort();
    site = createServer(({ url: path = "" }, response) => {
      if (path === "/hls.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(hls);
      const page = pages[path]
        ?.replaceAll("SHOAL", shoal.url)
        .replaceAll("STREAM", `${shoal.url}/demo/vod/master.m3u8`);
      return response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html" }).end(page);
    });
    await new Promise<void>((resolve) => site.listen(port, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(() => void site.close());

  it("shares between the script tag and the module, which are viewers of one stream", async () => {
    const context = await browser.newContext();
    const tag = await context.newPage();
    await tag.goto(`${url}/tag`);
    await tag.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 3);
    const other = await browser.newContext();
    const module = await other.newPage();
    await module.goto(`${url}/module`);
    await module.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 8, undefined, {
      timeout: 40_000,
    });
    const stats = await module.evaluate(() =>
      (window as unknown as { session: { stats: () => { peerBytes: number; playedBytes: number } } }).session.stats(),
    );
    expect(stats.peerBytes / stats.playedBytes).toBeGreaterThan(0.5);
    await context.close();
    await other.close();
  });
});

describe("the report page", () => {
  it("shows what was played, without an error in the console", async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(`${shoal.url}/reports`);
    await page.getByText("%").first().waitFor();
    await page.locator("canvas").first().waitFor();
    expect(errors).toEqual([]);
    await context.close();
  });
});
