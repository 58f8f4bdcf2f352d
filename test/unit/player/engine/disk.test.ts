import { expect, test } from "vitest";
import { segmentId } from "../../../../player/protocol/index.ts";
import { block, engineHarness, key, SEGMENT_BYTES } from "../../../support/engine-harness.ts";

/** Memory for four segments, and a viewer that has watched six. */
function watched(options: { live: boolean; disk: boolean }) {
  const h = engineHarness({ storeBytes: 4 * SEGMENT_BYTES });
  h.join({ live: options.live, size: 1 });
  if (options.disk) h.tell({ t: "disk-ready" });
  for (let msn = 0; msn < 6; msn++) {
    h.tell({ t: "playhead", rendition: key(msn).rendition, msn, bufferedMs: 4000, goalMs: 30_000 });
    h.wants(key(msn), 4000, msn === 0);
    h.pass(4000);
    const get = h.of("cdn-get").at(-1);
    if (get?.key.msn === msn) h.cdn(get);
  }
  return h;
}
const allBlocks = Array.from({ length: 4 }, (_, index) => block(index));

test("on demand, what memory has no room for goes to disk, and neighbours are told of it as before", () => {
  const h = watched({ live: false, disk: true });
  expect(h.of("disk-put").map(({ segment }) => segment)).toEqual([key(0), key(1)].map(segmentId));
  expect(h.of("disk-put")[0]?.blocks).toHaveLength(4);
  expect(h.engine.storedBytes()).toBeLessThanOrEqual(4 * SEGMENT_BYTES);
  h.peer("ann");
  expect(
    h
      .frames("map")[0]
      ?.frame.entries.map(({ key: { msn } }) => msn)
      .sort(),
  ).toEqual([0, 1, 2, 3, 4, 5]);
  expect(h.frames("lost")).toEqual([]);
});

test.each([
  ["of a live stream", { live: true, disk: true }],
  ["without a disk", { live: false, disk: false }],
])("what is evicted %s is gone", (_, options) => {
  const h = watched(options);
  expect(h.of("disk-put")).toEqual([]);
  h.peer("ann");
  expect(h.frames("map")[0]?.frame.entries).toHaveLength(4);
});

test("a neighbour gets a block from disk, read once for all that wait", () => {
  const h = watched({ live: false, disk: true });
  const [ann, bob] = [h.peer("ann"), h.peer("bob")];
  h.says(ann, { t: "request", id: 1, key: key(0), from: 0, count: 1 });
  h.says(bob, { t: "request", id: 7, key: key(0), from: 2, count: 1 });
  expect(h.of("disk-read")).toEqual([{ t: "disk-read", segment: segmentId(key(0)) }]);
  expect(h.frames("block")).toEqual([]);
  h.tell({ t: "disk-read", segment: segmentId(key(0)), blocks: allBlocks });
  expect(h.frames("block").map(({ peer, frame }) => [peer, frame.id, frame.index])).toEqual([
    [ann, 1, 0],
    [bob, 7, 2],
  ]);
});

test("a request taken back while the disk is read is not served", () => {
  const h = watched({ live: false, disk: true });
  const ann = h.peer("ann");
  h.says(ann, { t: "request", id: 1, key: key(0), from: 0, count: 1 });
  h.says(ann, { t: "cancel", id: 1 });
  h.tell({ t: "disk-read", segment: segmentId(key(0)), blocks: allBlocks });
  expect(h.frames("block")).toEqual([]);
});

test("read once more, it goes back to disk without being written again", () => {
  const h = watched({ live: false, disk: true });
  const ann = h.peer("ann");
  h.says(ann, { t: "request", id: 1, key: key(0), from: 0, count: 1 });
  h.tell({ t: "disk-read", segment: segmentId(key(0)), blocks: allBlocks });
  h.tell({ t: "writable", peer: ann });
  h.pass(1000);
  expect(h.engine.storedBytes()).toBeLessThanOrEqual(4 * SEGMENT_BYTES);
  expect(h.of("disk-put").filter(({ segment }) => segment === segmentId(key(0)))).toHaveLength(1);
});

test("what the disk has lost is lost to neighbours too, and who asked for it is told", () => {
  const h = watched({ live: false, disk: true });
  const ann = h.peer("ann");
  h.tell({ t: "disk-lost", segments: [segmentId(key(1))] });
  h.says(ann, { t: "request", id: 1, key: key(0), from: 0, count: 1 });
  h.tell({ t: "disk-read", segment: segmentId(key(0)), blocks: undefined });
  expect(h.frames("lost").map(({ frame }) => frame.key.msn)).toEqual([1, 0]);
  expect(h.frames("refuse").map(({ frame }) => frame.reason)).toEqual(["not-held"]);
});

test("who jumps back gets from disk what was watched, and the CDN is asked only if the disk is slow", () => {
  const h = watched({ live: false, disk: true });
  const bought = h.of("cdn-get").length;
  const wish = h.wants(key(0), 0);
  h.tell({ t: "disk-read", segment: segmentId(key(0)), blocks: allBlocks });
  expect(h.of("deliver").at(-1)?.request).toBe(wish);
  h.wants(key(1), 0);
  h.pass(250);
  expect(h.of("cdn-get")).toHaveLength(bought);
  h.pass(100);
  expect(h.of("cdn-get")).toHaveLength(bought + 1);
});

test("a copy on disk of what the origin has changed since is removed", () => {
  const h = watched({ live: false, disk: true });
  h.wants(key(0), 0);
  h.pass(400);
  const fetch = h.of("cdn-get").at(-1)?.fetch ?? 0;
  h.tell({ t: "cdn-opened", fetch, bytes: SEGMENT_BYTES + 5, from: 0, runsOn: false });
  expect(h.of("disk-remove")).toEqual([{ t: "disk-remove", segment: segmentId(key(0)) }]);
});
