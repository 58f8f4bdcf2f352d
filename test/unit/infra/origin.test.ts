import { once } from "node:events";
import { Writable } from "node:stream";
import { expect, it, vi } from "vitest";
import { createOrigin, type Fault, type OriginOptions } from "../../../infra/origin/index.ts";
import { LIVE_EPOCH_MS } from "../../../infra/origin/schedule.ts";
import { sendBody } from "../../../infra/origin/send.ts";
import { open, serve } from "./serve.ts";
import { standInMedia } from "./stand-in-media.ts";

const media = standInMedia();
const bodyOf = (index: number) => media.renditions[0]?.segments[index]?.body ?? Buffer.alloc(0);

async function demo(options: Partial<OriginOptions> = {}) {
  const origin = createOrigin({ media, ...options });
  const { url } = await serve([{ name: "demo", middleware: [origin.middleware] }]);
  return { origin, url: `${url}/demo` };
}
const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers });
const bytes = async (response: Response) => Buffer.from(await response.arrayBuffer());

it("leads from the multivariant playlist to every segment's bytes", async () => {
  const { url } = await demo({ now: () => LIVE_EPOCH_MS });
  for (const stream of ["vod", "live"]) {
    const main = await (await get(`${url}/${stream}/master.m3u8`)).text();
    for (const name of main.split("\n").filter((line) => line.endsWith(".m3u8"))) {
      const playlist = await get(`${url}/${stream}/${name}`);
      expect(playlist.headers.get("content-type")).toMatch("application/vnd.apple.mpegurl");
      const segments = (await playlist.text()).split("\n").filter((line) => line.endsWith(".ts"));
      expect(segments.length).toBe(stream === "vod" ? 8 : 6);
      for (const [index, path] of segments.entries()) {
        const segment = await get(`${url}/${stream}/${path}`);
        expect(segment.headers.get("content-type")).toBe("video/mp2t");
        const rendition = media.renditions.find((each) => `${each.name}.m3u8` === name);
        expect(await bytes(segment)).toEqual(rendition?.segments[index % media.segmentCount]?.body);
      }
    }
  }
});

it("answers ranges, conditions and HEAD as RFC 9110 asks", async () => {
  const { url } = await demo();
  const segment = `${url}/vod/high/1.ts`;
  const whole = await get(segment);
  const etag = whole.headers.get("etag") ?? "";
  expect(await bytes(whole)).toEqual(bodyOf(1));

  const part = await get(segment, { Range: "bytes=100-199" });
  expect([part.status, part.headers.get("content-range"), part.headers.get("content-length")]).toEqual([
    206,
    "bytes 100-199/2000",
    "100",
  ]);
  expect(await bytes(part)).toEqual(bodyOf(1).subarray(100, 200));
  expect((await get(segment, { Range: "bytes=0-9", "If-Range": etag })).status).toBe(206);
  expect((await get(segment, { Range: "bytes=0-9", "If-Range": '"old"' })).status).toBe(200);

  const beyond = await get(segment, { Range: "bytes=2000-" });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */2000"]);
  // `fetch` adds "Cache-Control: no-cache" to such a request, which asks for the whole again.
  expect((await open(segment, { "If-None-Match": etag })).res.statusCode).toBe(304);

  const head = await fetch(segment, { method: "HEAD", headers: { Range: "bytes=0-9" } });
  expect([head.status, head.headers.get("content-length"), head.headers.get("etag")]).toEqual([200, "2000", etag]);
});

it("may be read by pages of any origin, ranges included", async () => {
  const { url } = await demo();
  const answer = await get(`${url}/vod/high/0.ts`, { Origin: "https://video.example" });
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("access-control-expose-headers")).toBe("Content-Length,Content-Range,ETag");
  expect(answer.headers.get("vary")).toBeNull();
  const preflight = await fetch(`${url}/vod/high/0.ts`, {
    method: "OPTIONS",
    headers: { Origin: "https://video.example", "Access-Control-Request-Method": "GET" },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("Range");
});

it("lets caches keep segments long and the live playlist hardly at all", async () => {
  const { url } = await demo();
  const age = async (path: string) =>
    Number(/max-age=(\d+)/.exec((await get(url + path)).headers.get("cache-control") ?? "")?.[1]);
  expect(await age("/vod/high/0.ts")).toBeGreaterThanOrEqual(600);
  expect(await age("/live/high.m3u8")).toBeLessThanOrEqual(2);
});

it("has a live segment only from its publication until a while after it left the playlist", async () => {
  let now = LIVE_EPOCH_MS;
  const { url } = await demo({ now: () => now });
  const status = async () => (await get(`${url}/live/low/6.ts`)).status;
  expect(await status()).toBe(404);
  now += 4_000;
  expect(await status()).toBe(200);
  // Window 7-12: it has left, and is still there for who asks late.
  now = LIVE_EPOCH_MS + 7 * 4_000;
  expect(await status()).toBe(200);
  now = LIVE_EPOCH_MS + 12 * 4_000;
  expect(await status()).toBe(404);
});

it.each(["/vod/high/8.ts", "/vod/high/00.ts", "/vod/high/-1.ts", "/vod/none/0.ts", "/vod/none.m3u8", "/x"])(
  "has nothing at %s",
  async (path) => {
    const { url, origin } = await demo();
    const answer = await get(url + path);
    expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ code: "not-found" })]);
    expect(origin.counts().segments.requests + origin.counts().playlists.requests).toBe(0);
  },
);

it("counts the body bytes it sent, by kind and by segment, until reset", async () => {
  const { url, origin } = await demo();
  const playlist = await bytes(await get(`${url}/vod/high.m3u8`));
  await bytes(await get(`${url}/vod/high/0.ts`));
  await bytes(await get(`${url}/vod/high/0.ts`, { Range: "bytes=0-99" }));
  await bytes(await get(`${url}/vod/low/3.ts`));
  await fetch(`${url}/vod/low/3.ts`, { method: "HEAD" });
  const expected = {
    segments: {
      requests: 4,
      bytes: 3100,
      byKey: {
        "/demo/vod/high/0.ts": { requests: 2, bytes: 2100 },
        "/demo/vod/low/3.ts": { requests: 2, bytes: 1000 },
      },
    },
    playlists: { requests: 1, bytes: playlist.length },
  };
  expect(await (await get(`${url}/origin/counts`)).json()).toEqual(expected);
  expect(origin.counts()).toEqual(expected);
  expect((await fetch(`${url}/origin/reset`, { method: "POST" })).status).toBe(204);
  expect(origin.counts()).toEqual({
    segments: { requests: 0, bytes: 0, byKey: {} },
    playlists: { requests: 0, bytes: 0 },
  });
});

it("does not count what a client that left never got", async () => {
  const size = 64_000_000;
  const { url, origin } = await demo({ media: standInMedia(1, 4, size) });
  const { req, res } = await open(`${url}/vod/low/0.ts`);
  await once(res, "readable");
  // The client reads no more, so only what the sockets' buffers hold can have gone out.
  let before = -1;
  await vi.waitUntil(
    () => {
      const now = origin.counts().segments.bytes;
      const still = now === before;
      before = now;
      return still && now > 0;
    },
    { interval: 50 },
  );
  const gone = once(res, "error");
  req.destroy();
  await gone;
  const { bytes: counted } = origin.counts().segments;
  expect(counted).toBeGreaterThan(0);
  expect(counted).toBeLessThan(size / 2);
});

it("counts a chunk only once the socket took it", async () => {
  let counted = 0;
  let took = 0;
  const socket = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (took > 100_000) done(new Error("the client left"));
      else {
        took += chunk.length;
        done();
      }
    },
  });
  socket.on("error", () => undefined);
  const onWritten = (bytes: number) => {
    counted += bytes;
  };
  await sendBody(socket, Buffer.alloc(1_000_000), { onWritten, wait: async () => undefined, end: "whole" });
  expect(took).toBeGreaterThan(0);
  expect(counted).toBe(took);
});

it("sends no faster than it is told", async () => {
  const waits: number[] = [];
  const { url } = await demo({ bytesPerSecond: 5_000, wait: async (ms) => void waits.push(ms) });
  await bytes(await get(`${url}/vod/high/0.ts`));
  expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(400, 5);
  expect(waits.length).toBeGreaterThan(3);
});

it("fails as a test's script says, and as no URL can", async () => {
  const plan: (Fault | undefined)[] = [
    { kind: "status", status: 503 },
    { kind: "cut", afterBytes: 500 },
    { kind: "no-range" },
  ];
  const { url, origin } = await demo({ faults: () => plan.shift() });
  const segment = `${url}/vod/high/0.ts`;
  expect((await get(segment)).status).toBe(503);
  await expect(get(segment).then(bytes)).rejects.toThrow();
  expect(origin.counts().segments.bytes).toBe(500);
  const ignored = await get(segment, { Range: "bytes=0-9" });
  expect([ignored.status, (await bytes(ignored)).length]).toEqual([200, 2000]);
  expect((await get(segment, { Range: "bytes=0-9" })).status).toBe(206);
});
