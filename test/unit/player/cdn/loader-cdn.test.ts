import type { HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext, LoaderStats } from "hls.js";
import { beforeEach, describe, expect, test } from "vitest";
import { createLoaderCdn } from "../../../../player/cdn/index.ts";
import { BLOCK, blocksOf, bytesOf, sourceOf, transfer } from "./transfer.ts";

const SEGMENT = bytesOf(2 * BLOCK + 77);
const URL = "https://cdn.example/seg.ts";

type Callbacks = LoaderCallbacks<LoaderContext>;
/** What hls.js' own loader would do with the request; set by each test. */
let answer: (context: LoaderContext, callbacks: Callbacks, loader: PageLoader) => void = () => undefined;
let loaders: PageLoader[] = [];

/** Stands for a page's loader: like hls.js' own it loses its statistics when it is destroyed. */
class PageLoader implements Loader<LoaderContext> {
  context: LoaderContext | null = null;
  stats = { loaded: 0 } as LoaderStats;
  config: LoaderConfiguration | undefined;
  destroyed = 0;
  readonly page: HlsConfig;

  constructor(page: HlsConfig) {
    this.page = page;
    loaders.push(this);
  }
  load(context: LoaderContext, config: LoaderConfiguration, callbacks: Callbacks): void {
    this.context = context;
    this.config = config;
    answer(context, callbacks, this);
  }
  abort(): void {
    this.stats.aborted = true;
  }
  destroy(): void {
    this.destroyed += 1;
    this.stats = null as unknown as LoaderStats;
  }
}

const config = { debug: true } as HlsConfig;
const cdn = createLoaderCdn({ loader: PageLoader, config });
beforeEach(() => {
  loaders = [];
});

const succeed =
  (body: Uint8Array, code?: number): typeof answer =>
  (context, { onSuccess }, loader) => {
    loader.stats.loaded = body.byteLength;
    const data = body.slice().buffer;
    onSuccess({ url: context.url, data, ...(code === undefined ? {} : { code }) }, loader.stats, context, null);
  };

describe("through the page's loader", () => {
  test("a whole segment", async () => {
    answer = succeed(SEGMENT, 200);
    const got = await transfer(cdn, sourceOf(URL, { headers: { "X-Key": "1" }, firstByteMs: 3, totalMs: 5 })).ended;
    expect(got.opened).toEqual({ bytes: SEGMENT.byteLength, from: 0 });
    expect(blocksOf(got, SEGMENT)).toEqual([0, 1, 2]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0, wrong: [] });
    const [loader] = loaders;
    expect(loader?.page).toBe(config);
    expect(loader?.destroyed).toBe(1);
    expect(loader?.context).toMatchObject({ url: URL, responseType: "arraybuffer", headers: { "X-Key": "1" } });
    expect(loader?.context?.rangeEnd).toBeUndefined();
    expect(loader?.config?.loadPolicy).toEqual({
      maxTimeToFirstByteMs: 3,
      maxLoadTimeMs: 5,
      timeoutRetry: null,
      errorRetry: null,
    });
  });

  test("a part with two ends is asked for by rangeStart and rangeEnd, a tail by a header", async () => {
    answer = succeed(SEGMENT.subarray(BLOCK, 2 * BLOCK), 206);
    const middle = await transfer(cdn, sourceOf(URL), BLOCK, 2 * BLOCK).ended;
    expect(blocksOf(middle, SEGMENT)).toEqual([1]);
    expect(loaders[0]?.context).toMatchObject({ rangeStart: BLOCK, rangeEnd: 2 * BLOCK });
    answer = succeed(SEGMENT.subarray(BLOCK), 206);
    const tail = await transfer(cdn, sourceOf(URL), BLOCK).ended;
    expect(tail.opened).toEqual({ bytes: SEGMENT.byteLength, from: BLOCK });
    expect(blocksOf(tail, SEGMENT)).toEqual([1, 2]);
    expect(loaders[1]?.context?.headers).toEqual({ Range: `bytes=${BLOCK}-` });
  });

  test.each([200, undefined])("Range ignored, status %s", async (code) => {
    answer = succeed(SEGMENT, code);
    const got = await transfer(cdn, sourceOf(URL), BLOCK, 2 * BLOCK).ended;
    expect(got.opened?.from).toBe(0);
    expect(got.runsOn).toBe(true);
    expect(blocksOf(got, SEGMENT)).toEqual([0, 1]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 77 });
  });

  test("a byte range of a file, also by a loader that tells no status", async () => {
    const range = { start: 10, end: 10 + BLOCK + 5 };
    answer = succeed(SEGMENT.subarray(10, range.end));
    const got = await transfer(cdn, sourceOf(URL, { range })).ended;
    expect(got.opened).toEqual({ bytes: BLOCK + 5, from: 0 });
    expect(blocksOf(got, SEGMENT.subarray(10, range.end))).toEqual([0, 1]);
  });

  test("a part of another length is of the wrong size", async () => {
    answer = succeed(SEGMENT.subarray(0, 100), 206);
    expect(await transfer(cdn, sourceOf(URL), 0, BLOCK).ended).toMatchObject({
      end: { fault: { kind: "wrong-size" } },
      stray: 100,
    });
  });

  test.each([
    ["HTTP 403", 403, { kind: "http", status: 403 }],
    ["no connection", 0, { kind: "network" }],
    ["fetch's AbortError", 20, { kind: "network" }],
  ])("%s", async (_name, code, fault) => {
    answer = (context, { onError }, loader) => {
      loader.stats.loaded = 9;
      onError({ code, text: "" }, context, null, loader.stats);
    };
    expect(await transfer(cdn, sourceOf(URL)).ended).toMatchObject({ end: { fault }, stray: 9 });
  });

  test("a timeout, an answer that is no buffer, and a loader that throws", async () => {
    answer = (context, { onTimeout }, loader) => onTimeout(loader.stats, context, null);
    expect(await transfer(cdn, sourceOf(URL)).ended).toMatchObject({ end: { fault: { kind: "timeout" } } });
    answer = (context, { onSuccess }, loader) => onSuccess({ url: URL, data: "text" }, loader.stats, context, null);
    expect(await transfer(cdn, sourceOf(URL)).ended).toMatchObject({ end: { fault: { kind: "network" } } });
    answer = () => {
      throw new Error("the page's own mistake");
    };
    expect(await transfer(cdn, sourceOf(URL)).ended).toMatchObject({ end: { fault: { kind: "network" } } });
  });

  test("abort while loading tells what had come, and nothing follows", async () => {
    let late: () => void = () => undefined;
    const loading = new Promise<void>((resolve) => {
      answer = (context, callbacks, loader) => {
        loader.stats.loaded = 1234;
        late = () => succeed(SEGMENT, 200)(context, callbacks, { stats: {} } as PageLoader);
        resolve();
      };
    });
    const { running, outcome } = transfer(cdn, sourceOf(URL));
    await loading;
    expect(running.abort()).toEqual({ stray: 1234 });
    expect(running.abort()).toEqual({ stray: 1234 });
    late();
    expect(outcome).toMatchObject({ opened: undefined, end: undefined });
    expect(loaders[0]?.destroyed).toBe(1);
  });

  test("abort from inside a block leaves the rest as stray", async () => {
    answer = succeed(SEGMENT, 200);
    let stray = -1;
    const aborted = new Promise<void>((resolve) => {
      const { running } = transfer(cdn, sourceOf(URL), 0, undefined, {
        onBlock() {
          stray = running.abort().stray;
          resolve();
        },
      });
    });
    await aborted;
    expect(stray).toBe(SEGMENT.byteLength - BLOCK);
  });
});
