import type { Browser, CDPSession } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hasStarted, launchChromium, openViewer } from "../../support/browser.ts";
import { type Lab, openLab } from "../../support/lab.ts";
import { until } from "../../support/process.ts";

/** A page that puts its player up and takes it down again and again. */

const CYCLES = 20;
/** What the page may grow by over all cycles, after garbage collection: compiled code and caches, but no session. In bytes. */
const MOST_GROWTH_BYTES = 2_000_000;

let browser: Browser;
let lab: Lab;
beforeAll(async () => {
  [browser, lab] = await Promise.all([launchChromium(), openLab({ pictures: "small" })]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});

declare global {
  interface Window {
    /** What the page has made and not ended. */
    census?: {
      readonly links: () => number;
      readonly linksMade: () => number;
      readonly sockets: () => number;
      readonly timers: () => number;
    };
  }
}

/** Runs before the page's own code: keeps count of connections, sockets and timers. */
function takeCensus(): void {
  // Weak, so that the census itself keeps nothing alive.
  const links: WeakRef<RTCPeerConnection>[] = [];
  const sockets: WeakRef<WebSocket>[] = [];
  const timers = new Set<unknown>();
  const counting = <C extends new (...args: never[]) => object>(Class: C, made: (one: InstanceType<C>) => void): C =>
    new Proxy(Class, {
      construct: (target, args, self) => {
        const one = Reflect.construct(target, args, self) as InstanceType<C>;
        made(one);
        return one;
      },
    });
  window.RTCPeerConnection = counting(window.RTCPeerConnection, (one) => links.push(new WeakRef(one)));
  window.WebSocket = counting(window.WebSocket, (one) => sockets.push(new WeakRef(one)));
  const { setTimeout: later, clearTimeout: never, setInterval: often, clearInterval: noMore } = window;
  window.setTimeout = ((act: () => void, ms?: number) => {
    const id = later(() => {
      timers.delete(id);
      act();
    }, ms);
    timers.add(id);
    return id;
  }) as typeof window.setTimeout;
  window.setInterval = ((act: () => void, ms?: number) => {
    const id = often(act, ms);
    timers.add(id);
    return id;
  }) as typeof window.setInterval;
  window.clearTimeout = (id) => {
    timers.delete(id);
    never(id);
  };
  window.clearInterval = (id) => {
    timers.delete(id);
    noMore(id);
  };
  window.census = {
    links: () => links.filter((one) => (one.deref()?.connectionState ?? "closed") !== "closed").length,
    linksMade: () => links.length,
    sockets: () => sockets.filter((one) => (one.deref()?.readyState ?? WebSocket.CLOSED) < WebSocket.CLOSING).length,
    timers: () => timers.size,
  };
}

async function heapBytes(cdp: CDPSession): Promise<number> {
  for (let i = 0; i < 3; i++) await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await cdp.send("Runtime.getHeapUsage");
  // Segments lie in the latter.
  return usedSize + backingStorageSize;
}

it("twenty players, one after the other, leave nothing behind", async () => {
  const neighbour = await openViewer(browser, lab.page({ stream: "vod" }));
  await hasStarted(neighbour);
  const viewer = await openViewer(browser, lab.page({ stream: "vod" }), takeCensus);
  const { page } = viewer;
  const cdp = await viewer.context.newCDPSession(page);
  const census = () =>
    page.evaluate(() => ({
      links: window.census?.links(),
      sockets: window.census?.sockets(),
      timers: window.census?.timers(),
    }));
  const linksMade = () => page.evaluate(() => window.census?.linksMade() ?? 0);

  let first = 0;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    if (cycle > 0) await page.evaluate(() => window.lab?.start());
    await until("the neighbour", 15_000, async () => (await viewer.stats()).peers === 1, viewer.stats);
    const restored = await page.evaluate(() => {
      const { hls, session } = window.shoalDemo ?? {};
      const before = hls?.config.fLoader !== undefined;
      session?.destroy();
      const after = hls?.config.fLoader !== undefined;
      window.lab?.stop();
      return [before, after];
    });
    expect(restored).toEqual([true, false]);
    // Two cycles to warm up: what is made once is no leak.
    if (cycle === 1) first = await heapBytes(cdp);
  }
  const nothing = { links: 0, sockets: 0, timers: 0 };
  await until(
    "all to be closed",
    10_000,
    async () => JSON.stringify(await census()) === JSON.stringify(nothing),
    census,
  );
  expect(await linksMade()).toBeGreaterThanOrEqual(CYCLES);
  const growth = (await heapBytes(cdp)) - first;
  expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
  expect(viewer.errors).toEqual([]);
  await Promise.all([viewer.close(), neighbour.close()]);
});
