import { expect, test } from "vitest";
import type { Effect, EngineEvent, FillReport } from "../../../../player/engine/types.ts";
import { decodeFrame, encodeFrame } from "../../../../player/protocol/index.ts";
import { createSession } from "../../../../player/session/session.ts";
import type { SessionId, StreamId } from "../../../../tracker/protocol/index.ts";
import { peerId } from "../../../support/engine-harness.ts";
import {
  existing,
  fakeCdn,
  fakeLink,
  fakeMesh,
  KEY,
  manualClock,
  quickHash,
  reportOf,
  SOURCE,
  scriptedEngine,
  settled,
  unexpected,
  WELCOME,
} from "./fakes.ts";

function setUp(react?: (event: EngineEvent) => readonly Effect[]) {
  const clock = manualClock();
  const cdn = fakeCdn(3);
  const link = fakeLink();
  const mesh = fakeMesh();
  const engine = scriptedEngine(react);
  const states: [string, string][] = [];
  const segments: FillReport[] = [];
  const core = createSession({
    engine,
    makeMesh: mesh.make,
    makeTrackerLink: link.make,
    cdn,
    openDisk: () => Promise.resolve(undefined),
    hash: quickHash,
    encode: encodeFrame,
    decode: decodeFrame,
    clock,
    join: () => ({ t: "join", v: 1, stream: "s" as StreamId, session: "x" as SessionId, player: "1" }),
    willing: { upload: "share", uploadBitsPerSecond: 1 },
    listener: {
      onSegment: (report) => segments.push(report),
      onPeers: () => undefined,
      onState: (...state) => states.push(state),
      onPolicy: () => undefined,
      onReported: () => undefined,
    },
  });
  const ends: unknown[] = [];
  const open = (deadline = clock.now()) =>
    core.open(
      { key: KEY, source: SOURCE, deadline, start: false },
      {
        onDone: (data, report) => ends.push(["done", [...new Uint8Array(data)], report.reason]),
        onFailed: (fault) => ends.push(["failed", fault.kind]),
        onProgress: (held) => ends.push(["progress", held]),
      },
    );
  /** Plays a whole answer of the newest CDN transfer. */
  const answer = (...blocks: number[][]): void => {
    const { events } = existing(cdn.transfers.at(-1));
    events.onOpened(blocks.flat().length, 0, false);
    for (const [index, bytes] of blocks.entries()) events.onBlock(index, new Uint8Array(bytes));
    events.onDone(0);
  };
  return { clock, cdn, link, mesh: mesh.mesh(), engine, states, segments, core, ends, open, answer };
}

test.each([
  ["of one block", [new Uint8Array([1, 2, 3])]],
  ["of more", [new Uint8Array([1, 2]), new Uint8Array([3])]],
])("a segment %s is delivered as a copy: hls.js may transfer it and the store keeps its blocks", (_, blocks) => {
  const buffers: ArrayBuffer[] = [];
  const { core } = setUp((event) =>
    event.t === "want" ? [{ t: "deliver", request: event.request, blocks, report: reportOf(3) }] : [],
  );
  const wish = { key: KEY, source: SOURCE, deadline: 0, start: false };
  const events = { onDone: (data: ArrayBuffer) => buffers.push(data), onFailed: unexpected, onProgress: unexpected };
  core.open(wish, events);
  structuredClone(buffers[0], { transfer: [existing(buffers[0])] });
  core.open(wish, events);
  expect(buffers[0]?.byteLength).toBe(0);
  expect([...new Uint8Array(existing(buffers[1]))]).toEqual([1, 2, 3]);
});

test("a wish ends once, and an abandoned one not at all", () => {
  const { open, ends, engine, core, segments } = setUp((event) => {
    if (event.t === "want") return [{ t: "progress", request: event.request, held: 5, bytes: 9 }];
    if (event.t !== "playhead") return [];
    const deliver = { t: "deliver", blocks: [], report: reportOf(0) } as const;
    return [
      { ...deliver, request: 1 },
      { ...deliver, request: 1 },
      { ...deliver, request: 2 },
      { t: "fail", request: 3, fault: { kind: "timeout" } },
    ];
  });
  open();
  open().abandon();
  open();
  core.playback({ t: "playhead", rendition: KEY.rendition, msn: 1, bufferedMs: 0, goalMs: 30_000 });
  expect(ends).toEqual([
    ["progress", 5],
    ["progress", 5],
    ["progress", 5],
    ["done", [], undefined],
    ["failed", "timeout"],
  ]);
  expect(segments).toHaveLength(1);
  expect(engine.events.map(({ t }) => t)).toEqual(["want", "want", "abandon", "want", "playhead"]);
});

test("when the engine throws, the video goes on from the CDN, and every byte is still counted", async () => {
  const { open, ends, core, answer, cdn, states, link, mesh } = setUp((event) => {
    if (event.t === "playhead") throw new Error("engine bug");
    return event.t === "want" ? [{ t: "cdn-get", fetch: 1, key: KEY, from: 0, to: undefined }] : [];
  });
  open();
  existing(cdn.transfers[0]).events.onOpened(4, 0, false);
  existing(cdn.transfers[0]).events.onBlock(0, new Uint8Array([1, 2]));
  core.playback({ t: "playhead", rendition: KEY.rendition, msn: 1, bufferedMs: 0, goalMs: 30_000 });
  await settled();
  expect(existing(cdn.transfers[0]).aborted).toBe(true);
  answer([1, 2], [3, 4]);
  open();
  answer([5]);
  expect(ends).toContainEqual(["done", [1, 2, 3, 4], "p2pOff"]);
  expect(ends).toContainEqual(["done", [5], "p2pOff"]);
  // The block that had come is the engine's to count, which this one does not.
  expect(core.totals()).toMatchObject({ cdn: 8, played: 5, wasted: 3 });
  expect(core.totals().cdnReasons.p2pOff).toBe(8);
  expect(states).toEqual([["off", "peer delivery switched itself off: engine bug"]]);
  expect(link.closed()).toBe(true);
  expect(mesh.calls.at(-1)).toEqual(["close"]);
  expect(core.state()).toBe("off");
});

test("how far the engine has backed off is told until the session is switched off", () => {
  const { core, engine } = setUp((event) => {
    if (event.t === "playhead") throw new Error("engine bug");
    return [];
  });
  expect(core.caution()).toBe("none");
  engine.caution = () => "wary";
  expect(core.caution()).toBe("wary");
  core.playback({ t: "playhead", rendition: KEY.rendition, msn: 1, bufferedMs: 0, goalMs: 30_000 });
  expect(core.caution()).toBe("none");
});

test("when the engine throws at the wish itself, that wish is fulfilled too", () => {
  const { open, ends, answer } = setUp((event) => {
    if (event.t === "want") throw new Error("engine bug");
    return [];
  });
  open();
  answer([1]);
  expect(ends).toEqual([
    ["progress", 1],
    ["done", [1], "p2pOff"],
  ]);
});

test("a fault at the CDN still reaches hls.js once the session is off", () => {
  const { open, ends, cdn, core } = setUp();
  core.close("finish");
  open();
  const { events } = existing(cdn.transfers[0]);
  events.onOpened(10, 0, false);
  events.onFailed({ kind: "http", status: 503 }, 4);
  expect(ends).toEqual([["failed", "http"]]);
  expect(core.totals().cdn).toBe(4);
});

test("an engine that lets a segment lie past its deadline is switched off", () => {
  const { open, clock, states, cdn } = setUp();
  open(clock.now() + 5000);
  clock.advance(12_000);
  expect(states).toEqual([]);
  clock.advance(2_000);
  expect(states).toEqual([["off", "peer delivery switched itself off: nothing was done for v.720.1300000.avc/7"]]);
  expect(cdn.transfers).toHaveLength(1);
});

test("a slow CDN is no reason to switch off", () => {
  const { open, clock, states } = setUp((event) =>
    event.t === "want" ? [{ t: "cdn-get", fetch: 1, key: KEY, from: 0, to: undefined }] : [],
  );
  open();
  clock.advance(60_000);
  expect(states).toEqual([]);
});

test("closing finishes what is open from the CDN, or drops it", () => {
  const finishing = setUp();
  finishing.open();
  finishing.core.close("finish");
  finishing.answer([8]);
  expect(finishing.ends.at(-1)).toEqual(["done", [8], "p2pOff"]);
  const dropping = setUp();
  dropping.open();
  dropping.core.close("drop");
  expect(dropping.cdn.transfers).toEqual([]);
  expect(dropping.ends).toEqual([]);
});

test("hanging up ends every link at once; the engine hears of it later, on a page that is still there", () => {
  const { core, engine, mesh, clock } = setUp();
  const peers = [peerId("ann"), peerId("bob")];
  for (const peer of peers) mesh.events.onOpen(peer, "lan", "direct");
  core.hangUp();
  expect(mesh.calls).toEqual(peers.map((peer) => ["drop", peer]));
  for (const peer of peers) mesh.events.onClosed(peer);
  const closed = () => engine.events.filter(({ t }) => t === "peer-closed");
  expect(closed()).toEqual([]);
  clock.advance(1000);
  expect(closed()).toEqual(peers.map((peer) => ({ t: "peer-closed", peer })));
  expect(core.state()).not.toBe("off");
});

test("bytes bought past the session are counted under their reason, and samples go out only while the tracker is up", () => {
  const { core, link } = setUp();
  core.countBought(100, "policy", 60);
  expect(core.totals()).toMatchObject({ cdn: 100, played: 60, wasted: 40 });
  expect(core.report([])).toBe(false);
  link.link().events.onState("up", "");
  link.link().events.onMessage(WELCOME);
  expect(core.report([])).toBe(true);
  expect(core.swarmSize()).toBe(2);
});

test("what neighbours offer is known from the engine, until the session is off", () => {
  const { core, engine } = setUp();
  Object.assign(engine, { offers: (key: unknown) => (key === KEY ? 3 : 0) });
  expect(core.offers(KEY)).toBe(3);
  core.close("drop");
  expect(core.offers(KEY)).toBe(0);
});

test("the engine may buy what is listed and was not asked for, from where hls.js would get it", () => {
  const { cdn, core } = setUp((event) =>
    event.t === "playhead" ? [{ t: "cdn-get", fetch: 4, key: KEY, from: 0, to: 65_536 }] : [],
  );
  core.sourcesFrom((key) => (key.msn === KEY.msn ? SOURCE : undefined));
  core.playback({ t: "playhead", rendition: KEY.rendition, msn: 1, bufferedMs: 0, goalMs: 30_000 });
  expect(cdn.transfers).toMatchObject([{ source: SOURCE, from: 0 }]);
});

test("the engine may buy again what hls.js has given up, from the address that was given", () => {
  const { open, cdn, core } = setUp((event) =>
    event.t === "playhead" ? [{ t: "cdn-get", fetch: 4, key: KEY, from: 65_536, to: undefined }] : [],
  );
  open().abandon();
  core.playback({ t: "playhead", rendition: KEY.rendition, msn: 1, bufferedMs: 0, goalMs: 30_000 });
  expect(cdn.transfers).toMatchObject([{ source: SOURCE, from: 65_536 }]);
});

test("the swarm is joined at the first frame, or after 1.5 s where there is none", () => {
  const playing = setUp();
  expect(playing.link.link().sent).toEqual([]);
  playing.core.started();
  expect(playing.link.link().sent).toMatchObject([{ t: "join" }]);
  const waiting = setUp();
  waiting.clock.advance(1499);
  expect(waiting.link.link().sent).toEqual([]);
  waiting.clock.advance(1);
  expect(waiting.link.link().sent).toMatchObject([{ t: "join" }]);
});
