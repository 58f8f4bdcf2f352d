import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createFetchCdn } from "../../../../player/cdn/index.ts";
import { PEER_LIMITS } from "../../../../player/protocol/index.ts";
import { fakeClock } from "../transport/clocks.ts";
import { crossOrigin, originForEachTest, ranged, reply, SEGMENT, SIZE, whole } from "./origin.ts";
import { BLOCK, blocksOf, bytesOf, sourceOf, transfer } from "./transfer.ts";

const origin = originForEachTest();

describe("a whole segment", () => {
  test("comes without a Range header, in blocks, the last one short", async () => {
    origin().handler = ranged(SEGMENT);
    const got = await origin().load();
    expect(origin().asked).toEqual([undefined]);
    expect(got.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(got, SEGMENT)).toEqual([0, 1, 2, 3]);
    expect(got.blocks[3]?.[1].byteLength).toBe(1000);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0, wrong: [] });
  });

  test("hands on each block as soon as it is there", async () => {
    const sent: ServerResponse[] = [];
    origin().handler = (_request, response) => {
      sent.push(response.writeHead(200, { "content-length": SIZE }));
      response.write(SEGMENT.subarray(0, BLOCK + 5));
    };
    let onFirst: () => void = () => undefined;
    const came = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    const { ended, outcome } = transfer(createFetchCdn({ clock: fakeClock() }), sourceOf(origin().url), 0, undefined, {
      onBlock: (index) => index === 0 && onFirst(),
    });
    await came;
    expect(blocksOf(outcome, SEGMENT)).toEqual([0]);
    sent[0]?.end(SEGMENT.subarray(BLOCK + 5));
    expect(blocksOf(await ended, SEGMENT)).toEqual([0, 1, 2, 3]);
  });

  test("of unknown size ends where the body does", async () => {
    origin().handler = whole(SEGMENT, {});
    const got = await origin().load();
    expect(got.opened).toEqual({ bytes: undefined, from: 0 });
    expect(blocksOf(got, SEGMENT)).toEqual([0, 1, 2, 3]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test("of unknown size that fills its last block has no empty one after it", async () => {
    const exact = bytesOf(2 * BLOCK);
    origin().handler = whole(exact, {});
    const got = await origin().load();
    expect(blocksOf(got, exact)).toEqual([0, 1]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test("that is compressed has a size only at its end", async () => {
    const packed = gzipSync(SEGMENT);
    origin().handler = whole(packed, { "content-encoding": "gzip", "content-length": packed.byteLength });
    const got = await origin().load();
    expect(got.opened).toEqual({ bytes: undefined, from: 0 });
    expect(blocksOf(got, SEGMENT)).toEqual([0, 1, 2, 3]);
  });

  test("takes the page's headers along", async () => {
    let token: unknown;
    origin().handler = (request, response) => {
      token = request.headers["x-token"];
      ranged(SEGMENT)(request, response);
    };
    await origin().load(BLOCK, undefined, { headers: { "X-Token": "abc", range: "bytes=0-1" } });
    expect(token).toBe("abc");
    expect(origin().asked).toEqual([`bytes=${BLOCK}-`]);
  });

  test.each([
    [false, "same-origin"],
    [true, "include"],
  ] as const)("withCredentials %s asks fetch for %s", async (withCredentials, expected) => {
    origin().handler = ranged(SEGMENT);
    let credentials: unknown;
    const spy: typeof fetch = (input, init) => {
      credentials = init?.credentials;
      return fetch(input, init);
    };
    await origin().load(0, undefined, { withCredentials }, { fetch: spy });
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
    origin().handler = ranged(SEGMENT);
    const got = await origin().load(from, to);
    expect(origin().asked).toEqual([range]);
    expect(got.opened).toEqual({ bytes: SIZE, from });
    expect(got.runsOn).toBe(false);
    expect(blocksOf(got, SEGMENT)).toEqual(blocks);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test("whose Content-Range is hidden begins where it was asked to; its length tells the size of a tail", async () => {
    origin().handler = ranged(SEGMENT);
    const tail = await origin().load(2 * BLOCK, undefined, {}, { fetch: crossOrigin });
    expect(tail.opened).toEqual({ bytes: SIZE, from: 2 * BLOCK });
    expect(blocksOf(tail, SEGMENT)).toEqual([2, 3]);
    const middle = await origin().load(BLOCK, 2 * BLOCK, {}, { fetch: crossOrigin });
    expect(middle.opened).toEqual({ bytes: undefined, from: BLOCK });
    expect(blocksOf(middle, SEGMENT)).toEqual([1]);
    const last = await origin().load(3 * BLOCK, SIZE, {}, { fetch: crossOrigin });
    expect(blocksOf(last, SEGMENT)).toEqual([3]);
    expect(last).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test("from an origin without Range support comes whole, and is cut off after what was asked for", async () => {
    origin().handler = whole(SEGMENT);
    const tail = await origin().load(2 * BLOCK);
    expect(tail.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(tail, SEGMENT)).toEqual([0, 1, 2, 3]);
    expect(tail).toMatchObject({ end: { t: "done" }, stray: 0 });
    expect((await origin().load(0, BLOCK)).runsOn).toBe(true);
    const middle = await origin().load(BLOCK, 2 * BLOCK);
    expect(middle.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(middle, SEGMENT)).toEqual([0, 1]);
    expect(middle).toMatchObject({ end: { t: "done" } });
    expect(middle.stray).toBeLessThanOrEqual(SIZE - 2 * BLOCK);
  });

  test("that begins elsewhere than asked is put where it belongs", async () => {
    const first = BLOCK + 100;
    const headers = { "content-range": `bytes ${first}-${SIZE - 1}/${SIZE}` };
    origin().handler = reply(206, headers, SEGMENT.subarray(first));
    const got = await origin().load(2 * BLOCK);
    expect(got.opened).toEqual({ bytes: SIZE, from: 2 * BLOCK });
    expect(blocksOf(got, SEGMENT)).toEqual([2, 3]);
    expect(got.stray).toBe(BLOCK - 100);
  });

  test("that is less than asked ends there, without a false last block", async () => {
    const headers = { "content-range": `bytes ${BLOCK}-${2 * BLOCK + 99}/${SIZE}` };
    origin().handler = reply(206, headers, SEGMENT.subarray(BLOCK, 2 * BLOCK + 100));
    const got = await origin().load(BLOCK);
    expect(blocksOf(got, SEGMENT)).toEqual([1]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 100 });
  });

  test("that is less than asked, with a total that is not told, cannot be placed", async () => {
    origin().handler = reply(206, { "content-range": `bytes 0-${BLOCK + 9}/*` }, SEGMENT.subarray(0, BLOCK + 10));
    expect(await origin().load(0, 2 * BLOCK)).toMatchObject({ blocks: [], end: { fault: { kind: "wrong-size" } } });
  });

  test("that is more than asked is cut off", async () => {
    const headers = { "content-range": `bytes ${BLOCK}-${SIZE - 1}/${SIZE}` };
    origin().handler = reply(206, headers, SEGMENT.subarray(BLOCK));
    const got = await origin().load(BLOCK, 2 * BLOCK);
    expect(blocksOf(got, SEGMENT)).toEqual([1]);
    expect(got.end).toEqual({ t: "done" });
  });

  test("of unknown total keeps its last block", async () => {
    origin().handler = reply(206, { "content-range": `bytes ${BLOCK}-${SIZE - 1}/*` }, SEGMENT.subarray(BLOCK));
    const got = await origin().load(BLOCK);
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
    origin().handler = ranged(FILE);
    const got = await origin().load(0, undefined, { range });
    expect(origin().asked).toEqual([`bytes=5000-${range.end - 1}`]);
    expect(got.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(got, INSIDE)).toEqual([0, 1, 2, 3]);
    expect(got).toMatchObject({ end: { t: "done" }, stray: 0 });
  });

  test.each(["seen", "hidden"])("gives its tail, with Content-Range %s", async (visible) => {
    origin().handler = ranged(FILE);
    const got = await origin().load(
      2 * BLOCK,
      undefined,
      { range },
      visible === "hidden" ? { fetch: crossOrigin } : {},
    );
    expect(origin().asked).toEqual([`bytes=${5000 + 2 * BLOCK}-${range.end - 1}`]);
    expect(got.opened).toEqual({ bytes: SIZE, from: 2 * BLOCK });
    expect(blocksOf(got, INSIDE)).toEqual([2, 3]);
  });

  test("is cut out of the whole file where Range is ignored, and the rest of the file is left", async () => {
    origin().handler = whole(FILE);
    const got = await origin().load(2 * BLOCK, undefined, { range });
    expect(got.opened).toEqual({ bytes: SIZE, from: 0 });
    expect(blocksOf(got, INSIDE)).toEqual([0, 1, 2, 3]);
    expect(got.end).toEqual({ t: "done" });
    expect(got.stray).toBeGreaterThanOrEqual(5000);
    expect(got.stray).toBeLessThanOrEqual(FILE.byteLength - SIZE);
  });

  test("that reaches beyond the file is of the wrong size", async () => {
    origin().handler = ranged(FILE.subarray(0, range.end - 1));
    expect(await origin().load(0, undefined, { range })).toMatchObject({ end: { fault: { kind: "wrong-size" } } });
    expect(await origin().load(0, undefined, { range }, { fetch: crossOrigin })).toMatchObject({
      end: { fault: { kind: "wrong-size" } },
    });
  });

  test("is not waited for behind more than a segment's worth of other bytes", async () => {
    origin().handler = whole(FILE, {});
    const start = PEER_LIMITS.segmentBytes + 1;
    const got = await origin().load(0, undefined, { range: { start, end: start + 10 } });
    expect(got).toMatchObject({ opened: undefined, end: { fault: { kind: "wrong-size" } } });
  });
});
