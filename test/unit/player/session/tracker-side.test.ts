import { expect, test } from "vitest";
import type { EngineEvent, LinkPath } from "../../../../player/engine/types.ts";
import { createTrackerSide, modeOf } from "../../../../player/session/tracker-side.ts";
import type { Policy, SegmentId, SessionId, StreamId } from "../../../../tracker/protocol/index.ts";
import { ALICE, BOB, fakeLink, fakeMesh, WELCOME } from "./fakes.ts";

function setUp(upload: "share" | "receive" = "share", links: LinkPath[] = []) {
  const link = fakeLink();
  const mesh = fakeMesh();
  mesh.make({} as never);
  const events: EngineEvent[] = [];
  const told: unknown[] = [];
  const side = createTrackerSide({
    makeLink: link.make,
    mesh: mesh.mesh(),
    join: () => ({ t: "join", v: 1, stream: "s" as StreamId, session: "x" as SessionId, player: "1" }),
    links: () => links,
    willing: { upload, uploadBitsPerSecond: 2_000_000 },
    feed: (event) => events.push(event),
    onState: (...state) => told.push(state),
    onPolicy: () => undefined,
    onReported: (seqs) => told.push(seqs),
    onComplaint: (message) => told.push(message),
    onFault: (error) => told.push(error),
  });
  return { side, link: link.link(), mesh: mesh.mesh(), events, told };
}

test("a welcome tells the engine who and where it is, and calls the neighbours over the operator's ICE servers", () => {
  const { link, mesh, events } = setUp();
  link.events.onState("up", "");
  link.events.onMessage(WELCOME);
  expect(events).toEqual([
    { t: "tracker", state: "up" },
    { t: "swarm", size: 2 },
    { t: "joined", self: ALICE },
    { t: "mode", mode: "share", uploadBitsPerSecond: 2_000_000 },
  ]);
  expect(mesh.calls.map(([what]) => what)).toEqual(["setIceServers", "call"]);
});

test.each<[Policy["mode"], "share" | "receive", Policy["mode"]]>([
  ["share", "share", "share"],
  ["share", "receive", "receive"],
  ["receive", "share", "receive"],
  ["receive", "receive", "receive"],
  ["off", "share", "off"],
  ["off", "receive", "off"],
])("operator %s and viewer %s make %s", (policy, upload, mode) => {
  expect(modeOf(policy, upload)).toBe(mode);
});

test("a device that changes its mind changes the mode, tells the tracker, and joins as such next time", () => {
  const { side, link, events } = setUp();
  link.events.join();
  link.events.onMessage(WELCOME);
  side.setUpload("receive");
  side.setUpload("receive");
  expect(link.sent).toEqual([{ t: "standing", upload: "receive" }]);
  expect(events.at(-1)).toEqual({ t: "mode", mode: "receive", uploadBitsPerSecond: 2_000_000 });
  expect(link.events.join().upload).toBe("receive");
});

test("who was welcome before joins again as the same, and says how many neighbours it has", () => {
  const { link } = setUp("share", Array(70).fill("direct"));
  expect(link.events.join()).toMatchObject({ resume: undefined, have: 64 });
  link.events.onMessage({ ...WELCOME, resume: "first" } as typeof WELCOME);
  link.events.onMessage({ ...WELCOME, resume: "second" } as typeof WELCOME);
  expect(link.events.join()).toMatchObject({ resume: "second" });
});

test("who is only reached through TURN says so, now and at the next join, and takes it back with its first straight link", () => {
  const links: LinkPath[] = ["own-relay"];
  const { side, link } = setUp("share", links);
  link.events.join();
  link.events.onMessage(WELCOME);
  side.linksChanged();
  expect(link.sent).toEqual([]);
  links.push("own-relay");
  side.linksChanged();
  side.linksChanged();
  expect(link.sent).toEqual([{ t: "standing", upload: "share", reach: "relayed" }]);
  expect(link.events.join()).toMatchObject({ upload: "share", reach: "relayed" });
  links.splice(0);
  side.linksChanged();
  links.push("own-relay", "their-relay");
  side.linksChanged();
  expect(link.sent).toEqual([
    { t: "standing", upload: "share", reach: "relayed" },
    { t: "standing", upload: "share" },
  ]);
});

test("what changed while the tracker was away, or took the viewer in, is told as soon as it listens", () => {
  const { side, link } = setUp();
  link.events.join();
  side.setUpload("receive");
  expect(link.sent).toEqual([]);
  link.events.onMessage(WELCOME);
  expect(link.sent).toEqual([{ t: "standing", upload: "receive" }]);
  link.events.join();
  link.events.onMessage(WELCOME);
  expect(link.sent).toHaveLength(1);
});

test("with peer delivery off, nobody is called and nobody is expected", () => {
  const { link, mesh } = setUp();
  link.events.onMessage({
    ...WELCOME,
    policy: { mode: "off", group: "p2p", uploadBitsPerSecond: 0, sampleMs: 5000 },
  } as typeof WELCOME);
  link.events.onMessage({ t: "introduced", neighbour: { id: BOB, near: "far", upload: "share" } });
  expect(mesh.calls.map(([what]) => what)).toEqual(["setIceServers"]);
});

test("signals, introductions and digests reach those they are for", () => {
  const { link, mesh, events } = setUp();
  link.events.onSignal(BOB, "{}");
  link.events.onMessage({ t: "introduced", neighbour: { id: BOB, near: "far", upload: "share" } });
  expect(mesh.calls.map(([what]) => what)).toEqual(["signal", "expect"]);
  const segment = "v/1" as SegmentId;
  link.events.onMessage({
    t: "digests",
    segments: [
      { verdict: "unknown", segment },
      { verdict: "conflict", segment },
    ],
  });
  expect(events).toEqual([
    { t: "tracker", state: "up" },
    { t: "digests", verdict: "unknown", segment },
    { t: "digests", verdict: "conflict", segment },
  ]);
});

test("what the tracker says of samples and of refusals is passed on", () => {
  const { link, told } = setUp();
  link.events.onMessage({ t: "reported", seqs: [1, 2] });
  link.events.onMessage({ t: "error", code: "rate-limited", message: "slow down" });
  expect(told).toEqual([[1, 2], "rate-limited: slow down"]);
});

test("a tracker that is alone is so for the engine until it answers otherwise", () => {
  const { link, events } = setUp();
  link.events.onMessage({ t: "digests", segments: [], alone: true });
  link.events.onMessage({ t: "digests", segments: [] });
  expect(events).toEqual([
    { t: "tracker", state: "alone" },
    { t: "tracker", state: "up" },
  ]);
});

test("a refusing tracker is down for the engine", () => {
  const { link, events, told } = setUp();
  link.events.onState("refused", "bad token");
  expect(events).toEqual([{ t: "tracker", state: "down" }]);
  expect(told).toEqual([["refused", "bad token"]]);
});

test("questions and claims keep to the tracker's limits", () => {
  const { side, link } = setUp();
  const segments = Array.from({ length: 20 }, (_, i) => `v/${i}` as SegmentId);
  side.ask({ t: "ask-digests", segments });
  side.more({ t: "more-neighbours", reason: "lost", have: 5000 });
  expect(link.sent).toEqual([
    { t: "ask", segments: segments.slice(0, 16) },
    { t: "ask", segments: segments.slice(16) },
    { t: "more", reason: "lost", have: 64 },
  ]);
});

test("a mesh that throws is a fault of ours, not an unhandled one", () => {
  const { link, mesh, told } = setUp();
  const call = (): never => {
    throw new Error("no more connections");
  };
  Object.assign(mesh, { call });
  link.events.onMessage(WELCOME);
  expect(told).toEqual([new Error("no more connections")]);
});
