import { describe, expect, it } from "vitest";
import { renditionId } from "../../../../player/protocol/index.ts";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { HD, key } from "../../../support/engine-harness.ts";
import { cdnOf, fallsShort, neighbours, SILENT, type Viewer, viewer } from "./rig.ts";

const SD = renditionId("sd");

/** A viewer that saw its line carry so many bytes a millisecond, with twelve neighbours. */
function measured(bytesPerMs: number) {
  const v = viewer("me", { size: 1, cdn: cdnOf(bytesPerMs) });
  v.wants(key(1), 60_000);
  while (v.of("deliver").length === 0) v.pass(100);
  v.tell({ t: "swarm", size: 13 });
  return { v, peers: neighbours(v, 12) };
}

/** One neighbour is buying segment `msn`, which is wanted; all hold the four after it. */
function wantsAmong(v: Viewer, peers: readonly [PeerId, ...PeerId[]], msn: number, inMs: number): number {
  v.says(peers[0], { t: "buying", key: key(msn) });
  const request = v.wants(key(msn), inMs);
  v.knows(key(msn));
  for (const peer of peers) for (const ahead of following(msn)) v.offers(peer, key(ahead));
  return request;
}

const following = (msn: number): number[] => [1, 2, 3, 4].map((i) => msn + i);

/** Blocks asked of neighbours of the segments after `msn`. */
const askedAhead = (v: Viewer, msn: number): number => following(msn).flatMap((ahead) => v.asked(key(ahead))).length;

describe("what is asked for ahead", () => {
  it.each([
    { line: 100, inMs: 12_000, most: 0, least: 0, why: "the wanted segment takes all of a thin line" },
    { line: 100, inMs: 60_000, most: 2, least: 1, why: "a thin line carries little" },
    { line: 1000, inMs: 60_000, most: 15, least: 12, why: "no more than comes in within a second" },
    { line: 1000, inMs: 4000, most: 11, least: 6, why: "no more than there is time for besides" },
    { line: 1000, inMs: 3000, most: 1, least: 0, why: "what is due soon goes first" },
    { line: 5000, inMs: 10_000, most: 24, least: 24, why: "a fast line carries plenty: half of what may be in flight" },
  ])("on $line bytes a millisecond, $inMs ms before the deadline: $why", (given) => {
    const { v, peers } = measured(given.line);
    wantsAmong(v, peers, 2, given.inMs);
    expect(askedAhead(v, 2)).toBeLessThanOrEqual(given.most);
    expect(askedAhead(v, 2)).toBeGreaterThanOrEqual(given.least);
  });

  it.each([
    { inMs: 16_000, blocks: 2 },
    { inMs: 8000, blocks: 0 },
  ])("is bounded by the next wish while there is none, $inMs ms before the last was due", (given) => {
    const { v, peers } = measured(100);
    v.wants(key(1), given.inMs);
    expect(v.of("deliver")).toHaveLength(2);
    for (const peer of peers) v.offers(peer, key(3));
    expect(v.asked(key(3))).toHaveLength(given.blocks);
  });
});

it("nothing is bought ahead on a line that what is wanted takes all of, though the size was not known a moment ago", () => {
  const v = viewer("me", { size: 7, cdn: cdnOf(300) });
  const peers = neighbours(v, 6);
  const next = fallsShort(v, peers[0], 6);
  v.tell({ t: "playhead", rendition: HD, msn: next - 2, bufferedMs: 4000, goalMs: 20_000 });
  wantsAmong(v, peers, next, 4000);
  expect(v.of("cdn-get").filter(({ key: k }) => k.msn > next)).toEqual([]);
});

describe("when playback goes elsewhere", () => {
  /** A viewer that asked its neighbours and the CDN for parts of the segments after `next`. */
  function busyAhead() {
    const v = viewer("me", { size: 7 });
    const peers = neighbours(v, 6);
    const next = fallsShort(v, peers[0], 6);
    v.tell({ t: "playlist", rendition: SD, live: false, first: 0, last: 99, segmentMs: 4000 });
    v.becomes(SILENT);
    v.tell({ t: "playhead", rendition: HD, msn: next - 2, bufferedMs: 4000, goalMs: 20_000 });
    wantsAmong(v, peers, next, 20_000);
    const open = v
      .frames("request")
      .filter(({ frame }) => frame.key.msn > next)
      .map(({ peer, frame }) => [peer, frame.id]);
    const gets = v.of("cdn-get").flatMap(({ key: k, fetch }) => (k.msn > next ? [fetch] : []));
    expect(open.length).toBeGreaterThan(3);
    expect(gets.length).toBeGreaterThan(0);
    const before = v.of("cdn-abort").length;
    const stopped = () =>
      v
        .of("cdn-abort")
        .slice(before)
        .map(({ fetch }) => fetch);
    return { v, next, open, gets, stopped };
  }
  const cancelled = (v: Viewer) => v.frames("cancel").map(({ peer, frame }) => [peer, frame.id]);

  it.each([
    { to: "another rendition", rendition: SD, msn: 8 },
    { to: "a place further on", rendition: HD, msn: 60 },
  ])("to $to, all that was asked ahead is cancelled and its transfers stopped", ({ rendition, msn }) => {
    const { v, open, gets, stopped } = busyAhead();
    v.wants(key(msn, rendition), 20_000);
    expect(cancelled(v)).toEqual(expect.arrayContaining(open));
    expect(cancelled(v)).toHaveLength(open.length);
    expect(stopped()).toEqual(gets);
  });

  it("one segment on, nothing is", () => {
    const { v, next, stopped } = busyAhead();
    v.wants(key(next + 1), 20_000);
    expect(v.frames("cancel")).toEqual([]);
    expect(stopped()).toEqual([]);
  });
});

describe("blocks that were given up", () => {
  const LINE = 1000;
  const FAR = 40;
  /** A viewer that just gave up a second of its line, or (`fresh`) nothing. */
  function jumped(kind: "gave-up" | "fresh") {
    const { v, peers } = measured(LINE);
    const request = kind === "gave-up" ? wantsAmong(v, peers, 2, 60_000) : v.wants(key(2), 60_000);
    if (kind === "gave-up") expect(askedAhead(v, 2)).toBeGreaterThan(10);
    v.tell({ t: "abandon", request });
    return { v, peers };
  }

  it("take the line for as long as they would have come in: less is asked for ahead until then", () => {
    const asked = (kind: "gave-up" | "fresh", afterMs: number) => {
      const { v, peers } = jumped(kind);
      v.wants(key(FAR), 60_000);
      v.pass(afterMs);
      wantsAmong(v, peers, FAR + 1, 4400);
      return askedAhead(v, FAR + 1);
    };
    expect(asked("fresh", 0)).toBeGreaterThan(10);
    expect(asked("gave-up", 0)).toBeLessThan(6);
    expect(asked("gave-up", 1000)).toBe(asked("fresh", 1000));
  });

  it("make the CDN be asked sooner for what is wanted", () => {
    const boughtAfter = (kind: "gave-up" | "fresh") => {
      const { v, peers } = jumped(kind);
      v.says(peers[0], { t: "buying", key: key(FAR) });
      const since = v.now();
      v.wants(key(FAR), 3000);
      v.knows(key(FAR));
      while (v.bought(key(FAR)).length === 0) v.pass(20);
      return v.now() - since;
    };
    expect(boughtAfter("gave-up")).toBeLessThan(boughtAfter("fresh"));
  });
});
