import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasStarted, launchChromium, openViewer } from "../support/browser.ts";
import { type Coturn, startCoturn } from "../support/coturn.ts";
import { type Running, start, until } from "../support/process.ts";

let browser: Browser;
let coturn: Coturn;
let shoal: Running;
beforeAll(async () => {
  [browser, coturn] = await Promise.all([launchChromium(), startCoturn()]);
  shoal = await start("main", { TURN_SERVERS: coturn.url, TURN_SECRET: coturn.secret });
});
afterAll(() => Promise.all([browser.close(), shoal.stop(), coturn.stop()]));

/** As between two networks that let no datagram through but to the TURN server. */
function relayOnly(): void {
  const Own = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Own {
    constructor(config?: RTCConfiguration) {
      super({ ...config, iceTransportPolicy: "relay" });
    }
  };
}

const said = async (): Promise<number> => {
  const metrics = await (await fetch(`${shoal.url}/metrics`)).text();
  return Number(/messages_total\{type="standing"\} (\d+)/.exec(metrics)?.[1] ?? 0);
};

it("what comes through the operator's TURN server is played, and counts as relayed and not as offload", async () => {
  const first = await openViewer(browser, `${shoal.url}/?stream=vod`, relayOnly);
  await hasStarted(first);
  const second = await openViewer(browser, `${shoal.url}/?stream=vod`, relayOnly);
  const relayed = async () => (await second.stats()).relayBytes > 1_000_000;
  await until("a megabyte through the relay", 60_000, relayed, second.stats);
  expect((await second.peers()).map((peer) => peer.relayed)).toEqual([true]);
  const { peerBytes, relayBytes, cdnBytes, playedBytes, offload } = await second.stats();
  expect(peerBytes).toBe(0);
  expect(offload).toBeCloseTo((playedBytes - cdnBytes - relayBytes) / playedBytes, 5);
  await until("the first viewer's upload", 10_000, async () => (await first.stats()).uploadBytes > 1_000_000);
  // One link does not tell whose network it is.
  expect(await said()).toBe(0);
  await openViewer(browser, `${shoal.url}/?stream=vod`, relayOnly);
  await until("viewers to say that they are behind TURN", 30_000, async () => (await said()) > 0);
});
