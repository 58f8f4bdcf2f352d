import { expect, test } from "vitest";
import type { EngineEvent } from "../../../../player/engine/types.ts";
import { createDiskSide } from "../../../../player/session/disk-side.ts";
import type { Disk } from "../../../../player/session/ports.ts";
import type { SegmentId } from "../../../../tracker/protocol/index.ts";

const id = (name: string) => name as SegmentId;
const settled = () => new Promise((done) => setImmediate(done));

function setUp(over: Partial<Disk> = {}, place: "there" | "none" = "there") {
  const events: EngineEvent[] = [];
  const log: string[] = [];
  const disk: Disk = {
    put: async (segment) => {
      log.push(`put ${segment}`);
      return { kind: "kept", dropped: [] };
    },
    read: async () => [new Uint8Array(1)],
    remove: (segment) => void log.push(`remove ${segment}`),
    close: async () => void log.push("close"),
    ...over,
  };
  let opened = 0;
  const side = createDiskSide({
    openDisk: async () => {
      opened++;
      return place === "there" ? disk : undefined;
    },
    feed: (event) => events.push(event),
  });
  return { side, events, log, opened: () => opened };
}

test("the disk is opened once, and the engine hears of it when it is there", async () => {
  const { side, events, opened } = setUp();
  side.open();
  side.open();
  expect(events).toEqual([]);
  await settled();
  expect(events).toEqual([{ t: "disk-ready" }]);
  expect(opened()).toBe(1);
});

test("without a place on disk nothing is said", async () => {
  const { side, events } = setUp({}, "none");
  side.open();
  await settled();
  expect(events).toEqual([]);
});

test.each([
  ["kept at the cost of others", { kind: "kept", dropped: [id("a")] }, ["a"]],
  ["refused", { kind: "refused", dropped: [] }, ["b"]],
  ["refused after others went", { kind: "refused", dropped: [id("a")] }, ["a", "b"]],
] as const)("a segment %s: the engine hears what is not on disk", async (_, result, lost) => {
  const { side, events } = setUp({ put: async () => result });
  side.open();
  await settled();
  side.put(id("b"), []);
  await settled();
  expect(events.slice(1)).toEqual([{ t: "disk-lost", segments: lost }]);
});

test("what is read reaches the engine", async () => {
  const { side, events } = setUp();
  side.open();
  await settled();
  side.read(id("b"));
  await settled();
  expect(events.slice(1)).toEqual([{ t: "disk-read", segment: "b", blocks: [new Uint8Array(1)] }]);
});

test("a disk that opens after the session has ended is emptied at once", async () => {
  const { side, events, log } = setUp();
  side.open();
  side.close();
  await settled();
  expect(log).toEqual(["close"]);
  expect(events).toEqual([]);
});
