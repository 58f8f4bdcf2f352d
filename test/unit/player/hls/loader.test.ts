import Hls, {
  type FragmentLoaderContext,
  type HlsConfig,
  type Loader,
  type LoaderCallbacks,
  type LoaderConfiguration,
  type LoaderContext,
  LoadStats,
} from "hls.js";
import { expect, test } from "vitest";
import type { CdnFault } from "../../../../player/engine/types.ts";
import { createFragmentLoader } from "../../../../player/hls/loader.ts";
import type { SegmentKey } from "../../../../player/protocol/index.ts";
import type { Wish, WishEvents } from "../../../../player/session/requests.ts";
import { existing, KEY, manualClock, reportOf, settled } from "../session/fakes.ts";
import { fragment } from "./fake-hls.ts";

type Asked = { wish: Wish; events: WishEvents; abandoned: boolean };

function setUp(key: SegmentKey | "none" = KEY) {
  const clock = manualClock();
  const asked: Asked[] = [];
  const plain: PlainLoader[] = [];
  const log: unknown[] = [];

  /** The loader that hls.js would use: does nothing until the test says so. */
  class PlainLoader implements Loader<LoaderContext> {
    context = null;
    stats = new LoadStats();
    callbacks: LoaderCallbacks<FragmentLoaderContext> | undefined;
    constructor() {
      plain.push(this);
    }
    load(_: unknown, __: unknown, callbacks: unknown) {
      this.callbacks = callbacks as LoaderCallbacks<FragmentLoaderContext>;
    }
    abort() {
      this.stats.aborted = true;
      this.callbacks?.onAbort?.(this.stats, context, null);
    }
    destroy() {
      log.push("plain destroyed");
    }
  }

  const context = {
    type: "media-fragment",
    frag: fragment(),
    part: null,
    url: "https://cdn.example/7.ts?token=1",
    responseType: "arraybuffer",
    headers: { "x-a": "b" },
    rangeStart: 0,
    rangeEnd: 0,
  } as unknown as FragmentLoaderContext;
  const config = { loadPolicy: Hls.DefaultConfig.fragLoadPolicy.default } as LoaderConfiguration;
  const Loader = createFragmentLoader({
    clock,
    keyOf: () => (key === "none" ? undefined : key),
    whenNeeded: () => ({ deadline: clock.now() + 3000, start: false }),
    open: (wish, events) => {
      const one: Asked = { wish, events, abandoned: false };
      asked.push(one);
      return {
        abandon: () => {
          one.abandoned = true;
        },
        cdn: () => undefined,
      };
    },
    countBought: (...bought) => log.push(bought),
    plainLoader: () => PlainLoader as never,
    network: () => ({ bitsPerSecond: 8_000_000, firstByteMs: 50 }),
    onUnmeasured: () => log.push("unmeasured"),
  });
  const loader = new Loader(Hls.DefaultConfig as HlsConfig);
  const stats = loader.stats;
  const callbacks: LoaderCallbacks<FragmentLoaderContext> = {
    onSuccess: (response, given) => {
      expect(given).toBe(stats);
      log.push(["success", (response.data as ArrayBuffer).byteLength, response.code]);
    },
    onError: (error) => log.push(["error", error.code]),
    onTimeout: () => log.push(["timeout"]),
    onAbort: () => log.push(["abort"]),
  };
  const load = () => loader.load(context, config, callbacks);
  return { clock, asked, plain, log, loader, load, stats, callbacks, context, config };
}

test("a segment is asked of the session with the address and patience of hls.js, and handed on with its statistics", () => {
  const { load, asked, log, stats, clock, loader } = setUp();
  load();
  const { wish, events } = existing(asked[0]);
  expect(wish).toEqual({
    key: KEY,
    deadline: clock.now() + 3000,
    start: false,
    source: {
      url: "https://cdn.example/7.ts?token=1",
      headers: { "x-a": "b" },
      withCredentials: false,
      firstByteMs: 10_000,
      totalMs: 120_000,
    },
  });
  expect(stats.loading).toMatchObject({ start: clock.now(), first: 0, end: 0 });
  clock.advance(500);
  events.onProgress(100_000, 400_000);
  expect(stats).toMatchObject({ loaded: 100_000, total: 400_000 });
  // 100 kB at the estimate of 8 Mbit/s take 100 ms.
  expect(stats.loading.first).toBe(clock.now() - 100);
  events.onDone(new ArrayBuffer(400_000), reportOf(400_000));
  expect(stats).toMatchObject({ loaded: 400_000, total: 400_000, aborted: false });
  expect(stats.loading).toEqual({ start: clock.now() - 450, first: clock.now() - 400, end: clock.now() });
  expect(log).toEqual(["unmeasured", ["success", 400_000, 200]]);
  expect(loader.context?.url).toContain("7.ts");
});

test("a byte range becomes the segment's place in its resource", () => {
  const { load, asked, context } = setUp();
  Object.assign(context, { rangeStart: 1000, rangeEnd: 5000 });
  load();
  expect(asked[0]?.wish.source.range).toEqual({ start: 1000, end: 5000 });
});

test("progressive hls.js gets the data as progress, too", () => {
  const { load, asked, callbacks, log } = setUp();
  callbacks.onProgress = (_, __, data) => log.push(["progress", (data as ArrayBuffer).byteLength]);
  load();
  existing(asked[0]).events.onDone(new ArrayBuffer(10), reportOf(10));
  expect(log).toEqual(["unmeasured", ["progress", 10], ["success", 10, 200]]);
});

test("an answer that is there at once comes after load has returned", async () => {
  const { log, callbacks, context, config, loader, asked } = setUp();
  const push = asked.push.bind(asked);
  asked.push = (one) => {
    one.events.onDone(new ArrayBuffer(10), reportOf(10));
    return push(one);
  };
  loader.load(context, config, callbacks);
  expect(log).toEqual([]);
  await settled();
  expect(log).toEqual(["unmeasured", ["success", 10, 200]]);
});

test.each<[CdnFault, unknown]>([
  [{ kind: "http", status: 404 }, ["error", 404]],
  [{ kind: "network" }, ["error", 0]],
  // hls.js retries these: their status was good.
  [{ kind: "wrong-size" }, ["error", 200]],
  [{ kind: "changed" }, ["error", 200]],
  [{ kind: "timeout" }, ["timeout"]],
])("a fault %o at the CDN is told to hls.js, whose policy decides", (fault, told) => {
  const { load, asked, log } = setUp();
  load();
  existing(asked[0]).events.onFailed(fault);
  expect(log).toEqual([told]);
});

test("abort abandons and says so once; nothing comes after it", () => {
  const { load, asked, log, loader, stats } = setUp();
  load();
  loader.abort();
  loader.abort();
  existing(asked[0]).events.onDone(new ArrayBuffer(1), reportOf(1));
  expect(asked[0]?.abandoned).toBe(true);
  expect(stats.aborted).toBe(true);
  expect(log).toEqual([["abort"]]);
});

test("destroy abandons without a word, and changes nothing once the load is over", () => {
  const first = setUp();
  first.load();
  first.loader.destroy();
  expect(first.asked[0]?.abandoned).toBe(true);
  expect(first.log).toEqual([]);
  const second = setUp();
  second.load();
  existing(second.asked[0]).events.onDone(new ArrayBuffer(1), reportOf(1));
  second.loader.destroy();
  expect(second.asked[0]?.abandoned).toBe(false);
  expect(second.stats.aborted).toBe(false);
});

test("a session that never answers ends in a timeout, so that hls.js can try again", () => {
  const { load, clock, log, asked } = setUp();
  load();
  clock.advance(3000 + 120_000 - 1);
  expect(log).toEqual([]);
  clock.advance(1);
  expect(log).toEqual([["timeout"]]);
  expect(asked[0]?.abandoned).toBe(true);
  expect(clock.timers()).toBe(0);
});

/** The same for a load that is not for the mesh. */
const setUpPlain = () => {
  const all = setUp("none");
  all.load();
  const plain = existing(all.plain[0]);
  return { ...all, plain, callbacks: existing(plain.callbacks) };
};

test("what is not for the mesh goes to the plain loader, over the same statistics, and is counted", () => {
  const { plain, log, stats, asked, callbacks, context } = setUpPlain();
  expect(asked).toEqual([]);
  expect(plain.stats).toBe(stats);
  stats.loaded = 900;
  callbacks.onSuccess({ url: "", data: new ArrayBuffer(900), code: 200 }, stats, context, null);
  expect(log).toEqual([
    [900, "policy", 900],
    ["success", 900, 200],
  ]);
});

test("a plain load that fails, is aborted or is destroyed counts what had come, once, as of no use", () => {
  for (const end of ["onError", "abort", "destroy"] as const) {
    const { callbacks, context, loader, log, stats } = setUpPlain();
    stats.loaded = 70;
    if (end === "onError") callbacks.onError({ code: 500, text: "" }, context, null, stats);
    else loader[end]();
    loader.destroy();
    expect(log.filter((entry) => Array.isArray(entry) && entry[1] === "policy")).toEqual([[70, "policy", 0]]);
  }
});
