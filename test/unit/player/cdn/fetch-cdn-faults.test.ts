import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createFetchCdn } from "../../../../player/cdn/index.ts";
import { PEER_LIMITS } from "../../../../player/protocol/index.ts";
import { fakeClock } from "../transport/clocks.ts";
import { crossOrigin, originForEachTest, ranged, reply, SEGMENT, SIZE, whole } from "./origin.ts";
import { BLOCK, blocksOf, sourceOf, transfer } from "./transfer.ts";

const origin = originForEachTest();

describe("what goes wrong", () => {
  test.each([404, 410, 500, 503])("HTTP %i", async (status) => {
    origin().handler = reply(status, {}, "sorry");
    expect(await origin().load()).toMatchObject({
      opened: undefined,
      end: { fault: { kind: "http", status } },
      stray: 0,
    });
  });

  test("416 to a range beyond the end", async () => {
    origin().handler = ranged(SEGMENT);
    expect(await origin().load(4 * BLOCK)).toMatchObject({ end: { fault: { kind: "http", status: 416 } } });
  });

  test("no server", async () => {
    origin().server.close();
    await once(origin().server, "close");
    expect(await origin().load()).toMatchObject({ end: { fault: { kind: "network" } } });
    await origin().listen();
  });

  test("a header that HTTP does not allow", async () => {
    origin().handler = whole(SEGMENT);
    expect(await origin().load(0, undefined, { headers: { "x y": "" } })).toMatchObject({
      end: { fault: { kind: "network" } },
    });
  });

  test("a connection that breaks", async () => {
    origin().handler = (_request, response) => {
      response.writeHead(200, { "content-length": SIZE });
      response.write(SEGMENT.subarray(0, BLOCK + 300), () => response.socket?.end());
    };
    const got = await origin().load();
    // Bytes that came but were not read when the connection broke are thrown away by `fetch`, so how many count varies.
    expect(got).toMatchObject({ end: { fault: { kind: "network" } }, wrong: [] });
    expect(got.stray).toBeLessThanOrEqual(BLOCK + 300);
  });

  test("a body that breaks off: the blocks before it count, the rest is stray", async () => {
    const pieces = [SEGMENT.subarray(0, 200), SEGMENT.subarray(200, BLOCK + 300)];
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const piece = pieces.shift();
          if (piece === undefined) controller.error(new TypeError("terminated"));
          else controller.enqueue(piece);
        },
      },
      { highWaterMark: 0 },
    );
    const got = await origin().load(0, undefined, {}, { fetch: () => Promise.resolve(new Response(body)) });
    expect(got).toMatchObject({ end: { fault: { kind: "network" } }, stray: 300, wrong: [] });
    expect(blocksOf(got, SEGMENT)).toEqual([0]);
  });

  test("a body that ends in order but before its Content-Range does", async () => {
    origin().handler = reply(
      206,
      { "content-range": `bytes ${BLOCK}-${SIZE - 1}/${SIZE}` },
      SEGMENT.subarray(BLOCK, SIZE - 1),
    );
    const got = await origin().load(BLOCK);
    expect(got).toMatchObject({ end: { fault: { kind: "wrong-size" } }, stray: 999 });
    expect(blocksOf(got, SEGMENT)).toEqual([1, 2]);
  });

  test("a body that goes on after its Content-Range", async () => {
    origin().handler = reply(206, { "content-range": `bytes 0-${BLOCK - 1}/${SIZE}` }, SEGMENT.subarray(0, BLOCK + 1));
    expect(await origin().load(0, BLOCK)).toMatchObject({ end: { fault: { kind: "wrong-size" } }, stray: 1 });
  });

  test("an empty body", async () => {
    origin().handler = whole(new Uint8Array(0));
    expect(await origin().load()).toMatchObject({ opened: undefined, end: { fault: { kind: "wrong-size" } } });
    origin().handler = whole(new Uint8Array(0), {});
    expect(await origin().load()).toMatchObject({ end: { fault: { kind: "wrong-size" } } });
    origin().handler = reply(204, {}, "");
    expect(await origin().load()).toMatchObject({ end: { fault: { kind: "wrong-size" } } });
  });

  test("a segment above the limit, as the head tells it", async () => {
    origin().handler = (_request, response) =>
      void response.writeHead(200, { "content-length": PEER_LIMITS.segmentBytes + 1 }).write("x");
    expect(await origin().load()).toMatchObject({ opened: undefined, end: { fault: { kind: "wrong-size" } } });
  });

  test("a segment above the limit of which the head tells nothing", async () => {
    const piece = new Uint8Array(4 * 1024 * 1024);
    const endless = (): Response =>
      new Response(new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(piece) }));
    const got = await origin().load(0, undefined, {}, { fetch: () => Promise.resolve(endless()) });
    expect(got.end).toEqual({ t: "failed", fault: { kind: "wrong-size" } });
    expect(got.blocks).toHaveLength(PEER_LIMITS.blocksPerSegment);
    expect(got.stray).toBe(piece.byteLength);
  });

  test("compression that CORS hides costs one failure, then the host's Content-Length is not believed", async () => {
    const packed = gzipSync(SEGMENT);
    origin().handler = whole(packed, { "content-encoding": "gzip", "content-length": packed.byteLength });
    const cdn = createFetchCdn({ clock: fakeClock(), fetch: crossOrigin });
    expect(await transfer(cdn, sourceOf(origin().url)).ended).toMatchObject({ end: { fault: { kind: "wrong-size" } } });
    const second = await transfer(cdn, sourceOf(origin().url)).ended;
    expect(second.opened).toEqual({ bytes: undefined, from: 0 });
    expect(blocksOf(second, SEGMENT)).toEqual([0, 1, 2, 3]);
  });
});

describe("timeouts", () => {
  const hanging = (): { readonly arrived: Promise<ServerResponse> } => {
    let arrive: (response: ServerResponse) => void = () => undefined;
    const arrived = new Promise<ServerResponse>((resolve) => {
      arrive = resolve;
    });
    origin().handler = (_request, response) => arrive(response);
    return { arrived };
  };

  test("no head in time", async () => {
    const { arrived } = hanging();
    const clock = fakeClock();
    const { ended, outcome } = transfer(createFetchCdn({ clock }), sourceOf(origin().url, { firstByteMs: 500 }));
    const response = await arrived;
    clock.advance(499);
    expect(outcome.end).toBeUndefined();
    const closed = once(response, "close");
    clock.advance(1);
    expect(await ended).toMatchObject({ end: { fault: { kind: "timeout" } }, stray: 0 });
    await closed;
    expect(clock.due()).toEqual([]);
  });

  test("a body that stalls", async () => {
    const { arrived } = hanging();
    const clock = fakeClock();
    let opened: () => void = () => undefined;
    const head = new Promise<void>((resolve) => {
      opened = resolve;
    });
    let onBlock: () => void = () => undefined;
    const block = new Promise<void>((resolve) => {
      onBlock = resolve;
    });
    const source = sourceOf(origin().url, { firstByteMs: 500, totalMs: 2000 });
    const { ended, outcome } = transfer(createFetchCdn({ clock }), source, 0, undefined, { onOpened: opened, onBlock });
    (await arrived).writeHead(200, { "content-length": SIZE }).write(SEGMENT.subarray(0, BLOCK));
    await Promise.all([head, block]);
    clock.advance(1999);
    expect(outcome.end).toBeUndefined();
    clock.advance(1);
    expect(await ended).toMatchObject({ end: { fault: { kind: "timeout" } }, stray: 0 });
  });

  test("none are kept where the page sets none, nor after the end", async () => {
    origin().handler = ranged(SEGMENT);
    const clock = fakeClock();
    const cdn = createFetchCdn({ clock });
    const { ended } = transfer(cdn, sourceOf(origin().url, { firstByteMs: Number.POSITIVE_INFINITY, totalMs: 0 }));
    expect(clock.due()).toEqual([]);
    await ended;
    await transfer(cdn, sourceOf(origin().url)).ended;
    expect(clock.due()).toEqual([]);
  });
});

describe("abort", () => {
  test("before the head: nothing is heard", async () => {
    let aborted: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      aborted = resolve;
    });
    let arrive: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    origin().handler = (_request, response) => {
      response.on("close", aborted);
      arrive();
    };
    const { running, outcome } = transfer(createFetchCdn({ clock: fakeClock() }), sourceOf(origin().url));
    await arrived;
    expect(running.abort()).toEqual({ stray: 0 });
    await gone;
    expect(outcome).toMatchObject({ opened: undefined, end: undefined });
  });

  test("from inside a block: not one more follows, and every byte is accounted for", async () => {
    const pieces = [SEGMENT.subarray(0, 2 * BLOCK + 500)];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift();
        if (piece !== undefined) controller.enqueue(piece);
      },
    });
    let stray = -1;
    const cdn = createFetchCdn({ clock: fakeClock(), fetch: () => Promise.resolve(new Response(body)) });
    const aborted = new Promise<void>((resolve) => {
      const { running } = transfer(cdn, sourceOf(origin().url), 0, undefined, {
        onBlock() {
          stray = running.abort().stray;
          resolve();
        },
      });
    });
    await aborted;
    await new Promise((resolve) => setImmediate(resolve));
    expect(stray).toBe(BLOCK + 500);
  });

  test("after the end changes nothing", async () => {
    origin().handler = ranged(SEGMENT);
    const { running, ended } = transfer(createFetchCdn({ clock: fakeClock() }), sourceOf(origin().url));
    const before = { ...(await ended) };
    expect(running.abort()).toEqual({ stray: 0 });
    expect(await ended).toMatchObject({ end: before.end, wrong: [] });
  });
});
