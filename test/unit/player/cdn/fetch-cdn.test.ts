import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFetchCdn } from "../../../../player/cdn/index.ts";
import { PEER_LIMITS } from "../../../../player/protocol/index.ts";
import type { CdnSource } from "../../../../player/session/ports.ts";
import { fakeClock } from "../transport/clocks.ts";
import { BLOCK, blocksOf, bytesOf, sourceOf, transfer } from "./transfer.ts";

const SEGMENT = bytesOf(3 * BLOCK + 1000);
const SIZE = SEGMENT.byteLength;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let url = "";
let asked: (string | undefined)[] = [];
let handler: Handler;

beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.headers.range);
    handler(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/seg.ts`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** An origin with Range support, as `nginx` answers. */
const ranged =
  (body: Uint8Array): Handler =>
  (request, response) => {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    if (first === undefined) return void response.writeHead(200, { "content-length": body.byteLength }).end(body);
    if (Number(first) >= body.byteLength) return void response.writeHead(416).end("no such range");
    const end = Math.min(body.byteLength, last ? Number(last) + 1 : body.byteLength);
    const part = body.subarray(Number(first), end);
    response
      .writeHead(206, {
        "content-range": `bytes ${first}-${end - 1}/${body.byteLength}`,
        "content-length": part.byteLength,
      })
      .end(part);
  };
const whole =
  (body: Uint8Array, headers: Record<string, string | number> = { "content-length": body.byteLength }): Handler =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body);
const reply =
  (status: number, headers: Record<string, string | number>, body: Uint8Array | string): Handler =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

/** What a page on another origin gets to see: the safelisted headers (Fetch, section 3.3.3) and no others. */
const crossOrigin: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  const headers = new Headers();
  for (const name of ["content-length", "content-type", "cache-control"]) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const seen = new Response(response.body, { status: response.status, headers });
  return Object.defineProperties(seen, { type: { value: "cors" }, url: { value: response.url } });
};

const load = (
  from?: number,
  to?: number,
  more: Partial<CdnSource> = {},
  options: Partial<Parameters<typeof createFetchCdn>[0]> = {},
) => transfer(createFetchCdn({ clock: fakeClock(), ...options }), sourceOf(url, more), from, to).ended;

describe("a whole segment", () => {
  test("comes without a Range header, in blocks, the last one short", async () => {
    handler = ranged(SEGMENT);
    const got = await load();
    expect(asked).toEqual([undefined]);
    expect(got.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(got, SEGMENT)).toEqual([0, 1, 2, 3]);
    expect(got.blocks[3]?.[1].byteLength).toBe(1000);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0, wrong: [] });
  });

  test("hands on each block as soon as it is there", async () => {
    const sent: ServerResponse[] = [];
    handler = (_request, response) => {
      sent.push(response.writeHead(200, { "content-length": SIZE }));
      response.write(SEGMENT.subarray(0, BLOCK + 5));
    };
    let onFirst: () => void = () => undefined;
    const came = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    const { ended, outcome } = transfer(createFetchCdn({ clock: fakeClock() }), sourceOf(url), 0, undefined, {
      onBlock: (index) => index === 0 && onFirst(),
    });
    await came;
    expect(blocksOf(outcome, SEGMENT)).toEqual([0]);
    sent[0]?.end(SEGMENT.subarray(BLOCK + 5));
    expect(blocksOf(await ended, SEGMENT)).toEqual([0, 1, 2, 3]);
  });

  test("of unknown size ends where the body does", async () => {
    handler = whole(SEGMENT, {});
    const got = await load();
    expect(got.opened).toEqual({ bytes: undefined, from: 0 });
    expect(blocksOf(got, SEGMENT)).toEqual([0, 1, 2, 3]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test("of unknown size that fills its last block has no empty one after it", async () => {
    const exact = bytesOf(2 * BLOCK);
    handler = whole(exact, {});
    const got = await load();
    expect(blocksOf(got, exact)).toEqual([0, 1]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test("that is compressed has a size only at its end", async () => {
    const packed = gzipSync(SEGMENT);
    handler = whole(packed, { "content-encoding": "gzip", "content-length": packed.byteLength });
    const got = await load();
    expect(got.opened).toEqual({ bytes: undefined, from: 0 });
    expect(blocksOf(got, SEGMENT)).toEqual([0, 1, 2, 3]);
  });

  test("takes the page's headers along", async () => {
    let token: unknown;
    handler = (request, response) => {
      token = request.headers["x-token"];
      ranged(SEGMENT)(request, response);
    };
    await load(BLOCK, undefined, { headers: { "X-Token": "abc", range: "bytes=0-1" } });
    expect(token).toBe("abc");
    expect(asked).toEqual([`bytes=${BLOCK}-`]);
  });

  test.each([
    [false, "same-origin"],
    [true, "include"],
  ] as const)("withCredentials %s asks fetch for %s", async (withCredentials, expected) => {
    handler = ranged(SEGMENT);
    let credentials: unknown;
    const spy: typeof fetch = (input, init) => {
      credentials = init?.credentials;
      return fetch(input, init);
    };
    await load(0, undefined, { withCredentials }, { fetch: spy });
    expect(credentials).toBe(expected);
  });
});

describe("a part of a segment", () => {
  test.each([
    ["the tail", 2 * BLOCK, undefined, `bytes=${2 * BLOCK}-`, [2, 3]],
    ["the middle", BLOCK, 2 * BLOCK, `bytes=${BLOCK}-${2 * BLOCK - 1}`, [1]],
    ["the front", 0, BLOCK, `bytes=0-${BLOCK - 1}`, [0]],
    ["up to the very end", 3 * BLOCK, SIZE, `bytes=${3 * BLOCK}-${SIZE - 1}`, [3]],
  ] as const)("%s", async (_name, from, to, range, blocks) => {
    handler = ranged(SEGMENT);
    const got = await load(from, to);
    expect(asked).toEqual([range]);
    expect(got.opened).toEqual({ bytes: SIZE, from });
    expect(blocksOf(got, SEGMENT)).toEqual(blocks);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test("whose Content-Range is hidden begins where it was asked to; its length tells the size of a tail", async () => {
    handler = ranged(SEGMENT);
    const tail = await load(2 * BLOCK, undefined, {}, { fetch: crossOrigin });
    expect(tail.opened).toEqual({ bytes: SIZE, from: 2 * BLOCK });
    expect(blocksOf(tail, SEGMENT)).toEqual([2, 3]);
    const middle = await load(BLOCK, 2 * BLOCK, {}, { fetch: crossOrigin });
    expect(middle.opened).toEqual({ bytes: undefined, from: BLOCK });
    expect(blocksOf(middle, SEGMENT)).toEqual([1]);
    const last = await load(3 * BLOCK, SIZE, {}, { fetch: crossOrigin });
    expect(blocksOf(last, SEGMENT)).toEqual([3]);
    expect(last).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test("from an origin without Range support comes whole, and is cut off after what was asked for", async () => {
    handler = whole(SEGMENT);
    const tail = await load(2 * BLOCK);
    expect(tail.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(tail, SEGMENT)).toEqual([0, 1, 2, 3]);
    expect(tail).toMatchObject({ end: { t: "done" }, stray: 0 });
    const middle = await load(BLOCK, 2 * BLOCK);
    expect(middle.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(middle, SEGMENT)).toEqual([0, 1]);
    expect(middle).toMatchObject({ end: { t: "done" } });
    expect(middle.stray).toBeLessThanOrEqual(SIZE - 2 * BLOCK);
  });

  test("that begins elsewhere than asked is put where it belongs", async () => {
    const first = BLOCK + 100;
    const headers = { "content-range": `bytes ${first}-${SIZE - 1}/${SIZE}` };
    handler = reply(206, headers, SEGMENT.subarray(first));
    const got = await load(2 * BLOCK);
    expect(got.opened).toEqual({ bytes: SIZE, from: 2 * BLOCK });
    expect(blocksOf(got, SEGMENT)).toEqual([2, 3]);
    expect(got.stray).toBe(BLOCK - 100);
  });

  test("that is less than asked ends there, without a false last block", async () => {
    const headers = { "content-range": `bytes ${BLOCK}-${2 * BLOCK + 99}/${SIZE}` };
    handler = reply(206, headers, SEGMENT.subarray(BLOCK, 2 * BLOCK + 100));
    const got = await load(BLOCK);
    expect(blocksOf(got, SEGMENT)).toEqual([1]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 100 });
  });

  test("that is less than asked, with a total that is not told, cannot be placed", async () => {
    handler = reply(206, { "content-range": `bytes 0-${BLOCK + 9}/*` }, SEGMENT.subarray(0, BLOCK + 10));
    expect(await load(0, 2 * BLOCK)).toMatchObject({ blocks: [], end: { fault: { kind: "wrong-size" } } });
  });

  test("that is more than asked is cut off", async () => {
    const headers = { "content-range": `bytes ${BLOCK}-${SIZE - 1}/${SIZE}` };
    handler = reply(206, headers, SEGMENT.subarray(BLOCK));
    const got = await load(BLOCK, 2 * BLOCK);
    expect(blocksOf(got, SEGMENT)).toEqual([1]);
    expect(got.end).toEqual({ t: "done" });
  });

  test("of unknown total keeps its last block", async () => {
    handler = reply(206, { "content-range": `bytes ${BLOCK}-${SIZE - 1}/*` }, SEGMENT.subarray(BLOCK));
    const got = await load(BLOCK);
    expect(got.opened).toEqual({ bytes: undefined, from: BLOCK });
    expect(blocksOf(got, SEGMENT)).toEqual([1, 2, 3]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });
});

describe("a segment that is a byte range of a larger file", () => {
  const FILE = bytesOf(SIZE + 5000 + 3 * BLOCK);
  const range = { start: 5000, end: 5000 + SIZE };
  const INSIDE = FILE.subarray(range.start, range.end);

  test("is asked for by its range, and counts from its own start", async () => {
    handler = ranged(FILE);
    const got = await load(0, undefined, { range });
    expect(asked).toEqual([`bytes=5000-${range.end - 1}`]);
    expect(got.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(got, INSIDE)).toEqual([0, 1, 2, 3]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test.each(["seen", "hidden"])("gives its tail, with Content-Range %s", async (visible) => {
    handler = ranged(FILE);
    const got = await load(2 * BLOCK, undefined, { range }, visible === "hidden" ? { fetch: crossOrigin } : {});
    expect(asked).toEqual([`bytes=${5000 + 2 * BLOCK}-${range.end - 1}`]);
    expect(got.opened).toEqual({ bytes: SIZE, from: 2 * BLOCK });
    expect(blocksOf(got, INSIDE)).toEqual([2, 3]);
  });

  test("is cut out of the whole file where Range is ignored, and the rest of the file is left", async () => {
    handler = whole(FILE);
    const got = await load(2 * BLOCK, undefined, { range });
    expect(got.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(got, INSIDE)).toEqual([0, 1, 2, 3]);
    expect(got.end).toEqual({ t: "done" });
    expect(got.stray).toBeGreaterThanOrEqual(5000);
    expect(got.stray).toBeLessThanOrEqual(FILE.byteLength - SIZE);
  });

  test("that reaches beyond the file is of the wrong size", async () => {
    handler = ranged(FILE.subarray(0, range.end - 1));
    expect(await load(0, undefined, { range })).toMatchObject({ end: { fault: { kind: "wrong-size" } } });
    expect(await load(0, undefined, { range }, { fetch: crossOrigin })).toMatchObject({
      end: { fault: { kind: "wrong-size" } },
    });
  });

  test("is not waited for behind more than a segment's worth of other bytes", async () => {
    handler = whole(FILE, {});
    const start = PEER_LIMITS.segmentBytes + 1;
    const got = await load(0, undefined, { range: { start, end: start + 10 } });
    expect(got).toMatchObject({ opened: undefined, end: { fault: { kind: "wrong-size" } } });
  });
});

describe("what goes wrong", () => {
  test.each([404, 410, 500, 503])("HTTP %i", async (status) => {
    handler = reply(status, {}, "sorry");
    expect(await load()).toMatchObject({ opened: undefined, end: { fault: { kind: "http", status } }, stray: 0 });
  });

  test("416 to a range beyond the end", async () => {
    handler = ranged(SEGMENT);
    expect(await load(4 * BLOCK)).toMatchObject({ end: { fault: { kind: "http", status: 416 } } });
  });

  test("no server", async () => {
    server.close();
    await once(server, "close");
    expect(await load()).toMatchObject({ end: { fault: { kind: "network" } } });
    server.listen(0);
  });

  test("a header that HTTP does not allow", async () => {
    handler = whole(SEGMENT);
    expect(await load(0, undefined, { headers: { "x y": "" } })).toMatchObject({ end: { fault: { kind: "network" } } });
  });

  test("a connection that breaks", async () => {
    handler = (_request, response) => {
      response.writeHead(200, { "content-length": SIZE });
      response.write(SEGMENT.subarray(0, BLOCK + 300), () => response.socket?.end());
    };
    const got = await load();
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
    const got = await load(0, undefined, {}, { fetch: () => Promise.resolve(new Response(body)) });
    expect(got).toMatchObject({ end: { fault: { kind: "network" } }, stray: 300, wrong: [] });
    expect(blocksOf(got, SEGMENT)).toEqual([0]);
  });

  test("a body that ends in order but before its Content-Range does", async () => {
    handler = reply(206, { "content-range": `bytes ${BLOCK}-${SIZE - 1}/${SIZE}` }, SEGMENT.subarray(BLOCK, SIZE - 1));
    const got = await load(BLOCK);
    expect(got).toMatchObject({ end: { fault: { kind: "wrong-size" } }, stray: 999 });
    expect(blocksOf(got, SEGMENT)).toEqual([1, 2]);
  });

  test("a body that goes on after its Content-Range", async () => {
    handler = reply(206, { "content-range": `bytes 0-${BLOCK - 1}/${SIZE}` }, SEGMENT.subarray(0, BLOCK + 1));
    expect(await load(0, BLOCK)).toMatchObject({ end: { fault: { kind: "wrong-size" } }, stray: 1 });
  });

  test("an empty body", async () => {
    handler = whole(new Uint8Array(0));
    expect(await load()).toMatchObject({ opened: undefined, end: { fault: { kind: "wrong-size" } } });
    handler = whole(new Uint8Array(0), {});
    expect(await load()).toMatchObject({ end: { fault: { kind: "wrong-size" } } });
    handler = reply(204, {}, "");
    expect(await load()).toMatchObject({ end: { fault: { kind: "wrong-size" } } });
  });

  test("a segment above the limit, as the head tells it", async () => {
    handler = (_request, response) =>
      void response.writeHead(200, { "content-length": PEER_LIMITS.segmentBytes + 1 }).write("x");
    expect(await load()).toMatchObject({ opened: undefined, end: { fault: { kind: "wrong-size" } } });
  });

  test("a segment above the limit of which the head tells nothing", async () => {
    const piece = new Uint8Array(4 * 1024 * 1024);
    const endless = (): Response =>
      new Response(new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(piece) }));
    const got = await load(0, undefined, {}, { fetch: () => Promise.resolve(endless()) });
    expect(got.end).toEqual({ t: "failed", fault: { kind: "wrong-size" } });
    expect(got.blocks).toHaveLength(PEER_LIMITS.blocksPerSegment);
    expect(got.stray).toBe(piece.byteLength);
  });

  test("compression that CORS hides costs one failure, then the host's Content-Length is not believed", async () => {
    const packed = gzipSync(SEGMENT);
    handler = whole(packed, { "content-encoding": "gzip", "content-length": packed.byteLength });
    const cdn = createFetchCdn({ clock: fakeClock(), fetch: crossOrigin });
    expect(await transfer(cdn, sourceOf(url)).ended).toMatchObject({ end: { fault: { kind: "wrong-size" } } });
    const second = await transfer(cdn, sourceOf(url)).ended;
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
    handler = (_request, response) => arrive(response);
    return { arrived };
  };

  test("no head in time", async () => {
    const { arrived } = hanging();
    const clock = fakeClock();
    const { ended, outcome } = transfer(createFetchCdn({ clock }), sourceOf(url, { firstByteMs: 500 }));
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
    const source = sourceOf(url, { firstByteMs: 500, totalMs: 2000 });
    const { ended, outcome } = transfer(createFetchCdn({ clock }), source, 0, undefined, { onOpened: opened, onBlock });
    (await arrived).writeHead(200, { "content-length": SIZE }).write(SEGMENT.subarray(0, BLOCK));
    await Promise.all([head, block]);
    clock.advance(1999);
    expect(outcome.end).toBeUndefined();
    clock.advance(1);
    expect(await ended).toMatchObject({ end: { fault: { kind: "timeout" } }, stray: 0 });
  });

  test("none are kept where the page sets none, nor after the end", async () => {
    handler = ranged(SEGMENT);
    const clock = fakeClock();
    const cdn = createFetchCdn({ clock });
    const { ended } = transfer(cdn, sourceOf(url, { firstByteMs: Number.POSITIVE_INFINITY, totalMs: 0 }));
    expect(clock.due()).toEqual([]);
    await ended;
    await transfer(cdn, sourceOf(url)).ended;
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
    handler = (_request, response) => {
      response.on("close", aborted);
      arrive();
    };
    const { running, outcome } = transfer(createFetchCdn({ clock: fakeClock() }), sourceOf(url));
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
      const { running } = transfer(cdn, sourceOf(url), 0, undefined, {
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
    handler = ranged(SEGMENT);
    const { running, ended } = transfer(createFetchCdn({ clock: fakeClock() }), sourceOf(url));
    const before = { ...(await ended) };
    expect(running.abort()).toEqual({ stray: 0 });
    expect(await ended).toMatchObject({ end: before.end, wrong: [] });
  });
});
