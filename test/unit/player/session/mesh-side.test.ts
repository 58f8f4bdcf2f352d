import { expect, test } from "vitest";
import type { EngineEvent } from "../../../../player/engine/types.ts";
import { decodeFrame, encodeFrame, type Frame } from "../../../../player/protocol/index.ts";
import { createMeshSide } from "../../../../player/session/mesh-side.ts";
import { ALICE, BOB, digestOf, fakeMesh, slowHash } from "./fakes.ts";

const block = (index: number): Frame => ({ t: "block", id: 1, index, bytes: new Uint8Array([index, 2, 3]) });

function setUp() {
  const mesh = fakeMesh();
  const hashing = slowHash();
  const events: EngineEvent[] = [];
  const faults: unknown[] = [];
  const side = createMeshSide({
    makeMesh: mesh.make,
    encode: encodeFrame,
    decode: decodeFrame,
    hash: hashing.hash,
    onSignal: () => undefined,
    feed: (event) => events.push(event),
    onPeers: () => undefined,
    onFault: (error) => faults.push(error),
  });
  const from = mesh.mesh().events;
  from.onOpen(BOB, "lan", "direct");
  events.length = 0;
  const say = (frame: Frame, peer = BOB): void => from.onMessage(peer, encodeFrame(frame));
  return { mesh: mesh.mesh(), from, hashing, events, faults, side, say };
}

test("frames reach the engine in the order they were sent, blocks with their digest, however long hashing takes", async () => {
  const { say, events, hashing } = setUp();
  say({ t: "cancel", id: 1 });
  say(block(4));
  say({ t: "cancel", id: 2 });
  say(block(5));
  await hashing.settle(1);
  expect(events.map((event) => event.t === "frame" && event.frame.t)).toEqual(["cancel"]);
  await hashing.settle(0);
  expect(events.map((event) => event.t === "frame" && event.frame.t)).toEqual(["cancel", "block", "cancel", "block"]);
  expect(events[1]).toMatchObject({ peer: BOB, digest: digestOf(new Uint8Array([4])) });
});

test("one neighbour's blocks do not hold up another's", async () => {
  const { say, from, events } = setUp();
  from.onOpen(ALICE, "far", "own-relay");
  say(block(1));
  say({ t: "cancel", id: 9 }, ALICE);
  expect(events.at(-1)).toMatchObject({ t: "frame", peer: ALICE });
});

test("bytes that are no frame end the link, and the engine hears of it once", () => {
  const { from, events, mesh, side, faults } = setUp();
  from.onMessage(BOB, new Uint8Array([250, 1, 2, 3]));
  from.onClosed(BOB);
  from.onMessage(BOB, encodeFrame({ t: "cancel", id: 1 }));
  expect(mesh.calls).toEqual([["drop", BOB]]);
  expect(events).toEqual([
    { t: "bad-frame", peer: BOB },
    { t: "peer-closed", peer: BOB },
  ]);
  expect(side.badFrames()).toBe(1);
  expect(faults).toEqual([]);
});

test("an error in our own decoder is a fault of ours, not the neighbour's", () => {
  const mesh = fakeMesh();
  const faults: unknown[] = [];
  createMeshSide({
    makeMesh: mesh.make,
    encode: encodeFrame,
    decode: () => {
      throw new RangeError("our bug");
    },
    hash: slowHash().hash,
    onSignal: () => undefined,
    feed: () => undefined,
    onPeers: () => undefined,
    onFault: (error) => faults.push(error),
  });
  mesh.mesh().events.onOpen(BOB, "lan", "direct");
  mesh.mesh().events.onMessage(BOB, new Uint8Array([1]));
  expect(faults).toEqual([new RangeError("our bug")]);
  expect(mesh.mesh().calls).toEqual([]);
});

test("a neighbour that sends blocks faster than they can be checked is let go", () => {
  const { say, mesh, side } = setUp();
  for (let i = 0; i < 257; i++) say(block(1));
  expect(mesh.calls).toEqual([["drop", BOB]]);
  expect(side.badFrames()).toBe(1);
});

test("a digest that comes after the link closed reaches nobody", async () => {
  const { say, events, from, hashing } = setUp();
  say(block(1));
  from.onClosed(BOB);
  await hashing.settle(0);
  expect(events).toEqual([{ t: "peer-closed", peer: BOB }]);
});

test("when no digest can be made, that is a fault of ours", async () => {
  const { say, events, faults, hashing } = setUp();
  say(block(1));
  await hashing.fail(0, new Error("no hash"));
  expect(faults).toEqual([new Error("no hash")]);
  expect(events).toEqual([]);
});

test("nothing is sent to a neighbour that is gone", () => {
  const { side, mesh } = setUp();
  side.send(BOB, { t: "cancel", id: 3 });
  side.send(ALICE, { t: "cancel", id: 3 });
  expect(mesh.calls.map(([what, peer]) => [what, peer])).toEqual([["send", BOB]]);
});

test("of one that was hung up and linked again the engine hears in the right order", () => {
  const { side, from, events } = setUp();
  from.onOpen(ALICE, "lan", "direct");
  side.hangUp();
  from.onClosed(BOB);
  from.onClosed(ALICE);
  from.onOpen(BOB, "lan", "direct");
  side.tellGone();
  expect(events.slice(1).map((event) => [event.t, "peer" in event && event.peer])).toEqual([
    ["peer-closed", BOB],
    ["peer-open", BOB],
    ["peer-closed", ALICE],
  ]);
  side.tellGone();
  expect(events).toHaveLength(4);
});
