import { expect, test } from "vitest";
import type { EngineEvent } from "../../../../player/engine/types.ts";
import { segmentId } from "../../../../player/protocol/index.ts";
import { createCdnSide } from "../../../../player/session/cdn-side.ts";
import { existing, fakeCdn, KEY, manualClock, SOURCE, slowHash, unexpected } from "./fakes.ts";

function setUp(stray = 0) {
  const cdn = fakeCdn(stray);
  const hashing = slowHash();
  const events: EngineEvent[] = [];
  const clock = manualClock();
  const side = createCdnSide({
    cdn,
    hash: hashing.hash,
    sourceOf: ({ msn }) => (msn === KEY.msn ? SOURCE : undefined),
    clock,
    feed: (event) => events.push(event),
    onFault: unexpected,
  });
  return { cdn, hashing, events, side, clock, names: () => events.map(({ t }) => t) };
}

test("nothing of a transfer waits for a digest: each is told when it is known", async () => {
  const { cdn, hashing, side, names, events } = setUp();
  side.get(1, KEY, 0, undefined);
  const { events: from } = existing(cdn.transfers[0]);
  from.onOpened(130, 0, false);
  from.onBlock(0, new Uint8Array(65));
  from.onBlock(1, new Uint8Array(65));
  from.onDone(3);
  expect(names()).toEqual(["cdn-opened", "cdn-block", "cdn-block", "cdn-done"]);
  expect(events.at(-1)).toEqual({ t: "cdn-done", fetch: 1, stray: 3 });
  await hashing.settle(1);
  await hashing.settle(0);
  expect(events.slice(4)).toMatchObject([
    { t: "cdn-digest", fetch: 1, segment: segmentId(KEY), index: 1 },
    { t: "cdn-digest", fetch: 1, segment: segmentId(KEY), index: 0 },
  ]);
});

test("a failure is told as it comes", () => {
  const { cdn, side, names } = setUp();
  side.get(1, KEY, 0, undefined);
  const { events: from } = existing(cdn.transfers[0]);
  from.onOpened(130, 0, false);
  from.onBlock(0, new Uint8Array(65));
  from.onFailed({ kind: "network" }, 10);
  expect(names()).toEqual(["cdn-opened", "cdn-block", "cdn-failed"]);
});

test("after an abort a count of what was loose follows, and the digests of blocks that had come", async () => {
  const { cdn, hashing, side, events } = setUp(7);
  side.get(1, KEY, 0, undefined);
  const transfer = existing(cdn.transfers[0]);
  transfer.events.onOpened(300, 0, false);
  transfer.events.onBlock(0, new Uint8Array(100));
  events.length = 0;
  side.abort(1);
  expect(transfer.aborted).toBe(true);
  expect(events).toEqual([{ t: "cdn-aborted", fetch: 1, stray: 7 }]);
  await hashing.settle(0);
  expect(events.slice(1)).toMatchObject([{ t: "cdn-digest", fetch: 1, index: 0 }]);
});

test("an abort of a transfer that is over counts its loose bytes no second time", () => {
  const { cdn, side, events } = setUp(7);
  side.get(1, KEY, 0, undefined);
  existing(cdn.transfers[0]).events.onDone(7);
  side.abort(1);
  expect(events.at(-1)).toEqual({ t: "cdn-aborted", fetch: 1, stray: 0 });
});

test("each abort is answered, also when there is nothing to abort any more", () => {
  const { side, events } = setUp(7);
  side.abort(5);
  expect(events).toEqual([{ t: "cdn-aborted", fetch: 5, stray: 0 }]);
});

test("a segment without an address fails at once instead of never", () => {
  const { side, events, cdn } = setUp();
  side.get(3, { ...KEY, msn: 99 }, 0, undefined);
  expect(cdn.transfers).toEqual([]);
  expect(events).toEqual([{ t: "cdn-failed", fetch: 3, stray: 0, fault: { kind: "network" } }]);
});

test("progress tells of the transfer under way, and of none once it is over", () => {
  const { cdn, side, clock } = setUp();
  expect(side.progress(KEY)).toBeUndefined();
  side.get(1, KEY, 0, 65536);
  expect(side.progress(KEY)).toMatchObject({ openedAt: undefined, bytes: 0 });
  const { events: from } = existing(cdn.transfers[0]);
  clock.advance(40);
  from.onOpened(100, 0, false);
  from.onBlock(0, new Uint8Array(100));
  expect(side.progress(KEY)).toMatchObject({ openedAt: clock.now(), bytes: 100 });
  from.onDone(0);
  expect(side.progress(KEY)).toBeUndefined();
});

test("closing stops all and tells how much had come that nobody was told of", () => {
  const { cdn, side } = setUp(5);
  side.get(1, KEY, 0, undefined);
  side.get(2, KEY, 0, undefined);
  existing(cdn.transfers[0]).events.onBlock(0, new Uint8Array(100));
  expect(side.close()).toBe(10);
  expect(cdn.transfers.every(({ aborted }) => aborted)).toBe(true);
});
