import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../../infra/build/index.ts";
import { install, P2P_MEDIA_LOADER } from "../bench/rivals.ts";
import { launchChromium } from "../support/browser.ts";
import { freePort, type Running, start, until } from "../support/process.ts";

/** Bytes by where p2p-media-loader says it got them, and the peers that it has met. */
type Seen = { readonly http: number; readonly p2p: number; readonly peers: number };
declare global {
  interface Window {
    readonly seen: Seen;
  }
}

/** As its documentation has it; only the tracker is ours. */
const page = (src: string, tracker: string): string => `<!doctype html><video muted></video>
<script src="/hls.js"></script>
<script type="importmap">{ "imports": { "p2p-media-loader-core": "/core.js", "p2p-media-loader-hlsjs": "/hlsjs.js" } }</script>
<script type="module">
  import { HlsJsP2PEngine } from "p2p-media-loader-hlsjs";
  window.seen = { http: 0, p2p: 0, peers: 0 };
  const core = { announceTrackers: [${JSON.stringify(tracker)}], rtcConfig: { iceServers: [] } };
  const HlsWithP2P = HlsJsP2PEngine.injectMixin(window.Hls);
  const hls = new HlsWithP2P({ startLevel: 0, p2p: { core } });
  hls.p2pEngine.addEventListener("onChunkDownloaded", (bytes, source) => { window.seen[source] += bytes; });
  hls.p2pEngine.addEventListener("onPeerConnect", () => { window.seen.peers++; });
  hls.attachMedia(document.querySelector("video"));
  hls.loadSource(${JSON.stringify(src)});
  document.querySelector("video").play();
</script>`;

let shoal: Running;
let browser: Browser;
let pages: { readonly url: string; readonly stop: () => void };
beforeAll(async () => {
  const modules = install(P2P_MEDIA_LOADER);
  shoal = await start("main");
  browser = await launchChromium();
  const tracker = `${shoal.url.replace("http", "ws")}/announce`;
  const files: Readonly<Record<string, readonly [type: string, body: string | Buffer]>> = {
    "/": ["text/html", page(`${shoal.url}/demo/vod/master.m3u8`, tracker)],
    "/hls.js": ["text/javascript", readFileSync(join(ROOT, "node_modules/hls.js/dist/hls.min.js"))],
    "/core.js": [
      "text/javascript",
      readFileSync(join(modules, "p2p-media-loader-core/dist/p2p-media-loader-core.es.js")),
    ],
    "/hlsjs.js": [
      "text/javascript",
      readFileSync(join(modules, "p2p-media-loader-hlsjs/dist/p2p-media-loader-hlsjs.es.js")),
    ],
  };
  const port = await freePort();
  const server = createServer(({ url = "" }, response) => {
    const [type, body] = files[url] ?? ["text/plain", ""];
    response.writeHead(200, { "content-type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  pages = { url: `http://127.0.0.1:${port}/`, stop: () => void server.close() };
});
afterAll(async () => {
  await browser.close();
  pages.stop();
  await shoal.stop();
});

it("an unmodified p2p-media-loader page finds its peers through /announce, and shares segments with them", async () => {
  const viewers: Page[] = [];
  const seen = (): Promise<Seen[]> => Promise.all(viewers.map((tab) => tab.evaluate(() => window.seen)));
  // The second comes when the first has something to give.
  for (const least of [1_000_000, 0]) {
    const tab = await (await browser.newContext()).newPage();
    await tab.goto(pages.url);
    viewers.push(tab);
    await until("segments from the origin", 60_000, async () => (await seen()).some(({ http }) => http >= least), seen);
  }
  const shared = async (): Promise<boolean> => (await seen()).some(({ p2p }) => p2p > 100_000);
  await until("segments to come from a peer", 90_000, shared, seen);
  for (const { peers } of await seen()) expect(peers).toBeGreaterThan(0);
  const metrics = await (await fetch(`${shoal.url}/metrics`)).text();
  expect(metrics).toMatch(/shoal_tracker_webtorrent_relays_total\{what="answer"\} [1-9]/);
});
