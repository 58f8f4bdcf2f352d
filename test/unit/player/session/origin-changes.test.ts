import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createOrigin, type FaultScript, type SampleMedia } from "../../../../infra/origin/index.ts";
import { createFetchCdn } from "../../../../player/cdn/index.ts";
import { browserClock } from "../../../../player/embed/clock.ts";
import { createEngine } from "../../../../player/engine/engine.ts";
import type { CdnFault } from "../../../../player/engine/types.ts";
import { createHasher } from "../../../../player/integrity/index.ts";
import { decodeFrame, encodeFrame, PEER_LIMITS } from "../../../../player/protocol/index.ts";
import { createSession } from "../../../../player/session/session.ts";
import type { SessionId, StreamId } from "../../../../tracker/protocol/index.ts";
import { LIMITS } from "../../../support/engine-harness.ts";
import { serve } from "../../infra/serve.ts";
import { standInMedia } from "../../infra/stand-in-media.ts";
import { fakeLink, fakeMesh, KEY, SOURCE } from "./fakes.ts";

/** A session with its real engine, fetching from a real origin that changes under its hands. */

const SIZE = 3 * PEER_LIMITS.blockBytes + 1000;
const PATH = "/demo/vod/low/1.ts";

/** A sample stream whose segments are `bytes` long and hold other bytes than those of any other `salt`. */
function media(bytes: number, salt: number): SampleMedia {
  const plain = standInMedia(2, 4, bytes);
  const renditions = plain.renditions.map((rendition) => ({
    ...rendition,
    segments: rendition.segments.map(({ body, etag, seconds }) => ({
      body: Buffer.from(body.map((byte) => byte ^ salt)),
      etag: etag.replace('"', `"${salt}`),
      seconds,
    })),
  }));
  return { ...plain, renditions };
}

async function setUp(faults: FaultScript) {
  let origin = createOrigin({ media: media(SIZE, 0), faults });
  const asked: string[] = [];
  const { url } = await serve([
    {
      name: "origin",
      middleware: [
        (ctx, next) => {
          asked.push(ctx.get("Range"));
          return origin.middleware(ctx, next);
        },
      ],
    },
  ]);
  const core = createSession({
    engine: createEngine({ limits: LIMITS, now: browserClock.now() }),
    makeMesh: fakeMesh().make,
    makeTrackerLink: fakeLink().make,
    openDisk: () => Promise.resolve(undefined),
    cdn: createFetchCdn({ clock: browserClock }),
    hash: createHasher(() => Promise.reject(new Error("Node has WebCrypto"))),
    encode: encodeFrame,
    decode: decodeFrame,
    clock: browserClock,
    join: () => ({ t: "join", v: 1, stream: "s" as StreamId, session: "x" as SessionId, player: "1" }),
    willing: { upload: "share", uploadBitsPerSecond: 1 },
    listener: {
      onSegment: () => undefined,
      onPeers: () => undefined,
      onState: () => undefined,
      onPolicy: () => undefined,
      onReported: () => undefined,
    },
  });
  // Nothing is waited for: the tracker is away.
  core.playback({ t: "playlist", rendition: KEY.rendition, live: false, first: 0, last: 9, segmentMs: 4000 });
  /** What hls.js gets: a fault, or which segment the bytes are. */
  const load = (): Promise<CdnFault | string> =>
    new Promise((resolve) => {
      core.open(
        { key: KEY, source: { ...SOURCE, url: url + PATH }, deadline: browserClock.now(), start: false },
        { onDone: (data) => resolve(named(new Uint8Array(data))), onFailed: resolve, onProgress: () => undefined },
      );
    });
  const change = (to: SampleMedia): void => {
    origin = createOrigin({ media: to, faults });
  };
  return { core, load, change, asked };
}

/** Breaks off the first answer in its third block. */
function cutOnce(): FaultScript {
  let cut = false;
  return () => {
    if (cut) return undefined;
    cut = true;
    return { kind: "cut", afterBytes: 2 * PEER_LIMITS.blockBytes + 5000 };
  };
}

const named = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const segment = (of: SampleMedia): string =>
  named(of.renditions.find(({ name }) => name === "low")?.segments[1]?.body ?? new Uint8Array());

test("what came before an answer broke off is kept, and the rest is asked for when hls.js tries again", async () => {
  const { load, asked, core } = await setUp(cutOnce());
  expect(await load()).toEqual({ kind: "network" });
  expect(await load()).toEqual(segment(media(SIZE, 0)));
  expect(asked).toEqual(["", `bytes=${2 * PEER_LIMITS.blockBytes}-`]);
  core.close("drop");
});

test("a segment that changed meanwhile is fetched anew: no part of the old one is handed out with the new", async () => {
  const { load, asked, change, core } = await setUp(cutOnce());
  expect(await load()).toEqual({ kind: "network" });
  change(media(SIZE, 1));
  // hls.js retries this fault by its own policy, because it counts as an answer with a good status.
  expect(await load()).toEqual({ kind: "changed" });
  expect(await load()).toEqual(segment(media(SIZE, 1)));
  expect(asked).toEqual(["", `bytes=${2 * PEER_LIMITS.blockBytes}-`, ""]);
  core.close("drop");
});

test.each([SIZE - 500, SIZE + 70_000, 1000])(
  "a segment that has %i bytes now is handed out as it is now",
  async (bytes) => {
    const { load, change, core } = await setUp(cutOnce());
    await load();
    change(media(bytes, 1));
    let tries = 0;
    let got = await load();
    while (typeof got !== "string" && tries++ < 3) got = await load();
    expect(got).toEqual(segment(media(bytes, 1)));
    core.close("drop");
  },
);

test("an origin that ignores Range sends the new version whole, and no part of the old one goes with it", async () => {
  let asks = 0;
  const cut = cutOnce();
  const { load, change, core } = await setUp((request) => {
    asks++;
    return asks === 1 ? cut(request) : { kind: "no-range" };
  });
  await load();
  change(media(SIZE, 1));
  expect(await load()).toEqual({ kind: "changed" });
  expect(await load()).toEqual(segment(media(SIZE, 1)));
  core.close("drop");
});
