import { describe, expect, it } from "vitest";
import { segmentId } from "../../../../player/protocol/index.ts";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { block, digest, key } from "../../../support/engine-harness.ts";
import { BLOCK, BLOCKS, BYTES, cdnOf, neighbours, SILENT, type Viewer, viewer } from "./rig.ts";

/** A segment takes 1.75 s of this line, in bytes a millisecond. */
const LINE = cdnOf(600);
const IN_MS = 4000;
const NEXT = key(2);

/** A viewer that saw its line carry so much, with eight neighbours, and a CDN that sends nothing from now on. */
function measured() {
  const v = viewer("me", { size: 1, cdn: LINE });
  v.wants(key(1), 60_000);
  while (v.of("deliver").length === 0) v.pass(100);
  v.tell({ t: "swarm", size: 9 });
  v.becomes(SILENT);
  return { v, peers: neighbours(v, 8) };
}

/** All of them hold all of a segment that is wanted now. */
function wants(v: Viewer, peers: readonly PeerId[]): void {
  for (const peer of peers) v.offers(peer, NEXT);
  v.wants(NEXT, IN_MS);
  v.knows(NEXT);
}

/** The neighbour sends what it was asked for, or some of it, whether or not that was cancelled. */
function sends(v: Viewer, peer: PeerId, some: (index: number) => boolean = () => true): void {
  for (const { peer: of, frame } of v.frames("request")) {
    if (of !== peer || segmentId(frame.key) !== segmentId(NEXT)) continue;
    for (let index = frame.from; index < frame.from + frame.count; index++) {
      if (!some(index)) continue;
      const bytes = block(index, BYTES);
      v.says(peer, { t: "block", id: frame.id, index, bytes }, digest(segmentId(NEXT), index));
    }
  }
}

describe("a viewer whose line takes half of the time for a segment", () => {
  it("leaves those that it has asked to send, as long as there is time for the CDN should nothing come", () => {
    const { v, peers } = measured();
    wants(v, peers);
    expect(v.asked(NEXT)).toHaveLength(BLOCKS);
    v.pass(1500);
    expect(v.bought(NEXT)).toEqual([]);
    v.pass(500);
    expect(v.bought(NEXT)).toHaveLength(1);
  });
});

describe("blocks that come although they were given up", () => {
  function givenUp() {
    const { v, peers } = measured();
    wants(v, peers);
    v.pass(2000);
    expect(v.frames("cancel").length).toBeGreaterThan(0);
    return { v, peers };
  }

  it("are as good as any other", () => {
    const { v, peers } = givenUp();
    for (const peer of peers) sends(v, peer);
    expect(v.of("deliver")).toHaveLength(2);
    expect(v.engine.totals()).toMatchObject({ peer: BYTES, wasted: 0 });
    expect(v.of("cdn-abort")).toHaveLength(v.of("cdn-get").length);
  });

  it("are not taken twice, and that is no offence", () => {
    const { v, peers } = givenUp();
    const [peer] = peers;
    for (let i = 0; i < 4; i++) sends(v, peer);
    expect(v.engine.totals()).toMatchObject({ peer: 2 * BLOCK, wasted: 6 * BLOCK });
    expect(v.of("drop")).toEqual([]);
  });

  it("are checked like any other", () => {
    const { v, peers } = givenUp();
    const [peer] = peers;
    const [request] = v.frames("request").filter((one) => one.peer === peer);
    if (request === undefined) throw new Error("nothing was asked of it");
    const { id, from } = request.frame;
    v.says(peer, { t: "block", id, index: from, bytes: block(from, BYTES) }, digest(segmentId(key(9)), 0));
    expect(v.of("drop")).toEqual([{ t: "drop", peer, reason: "failed-check" }]);
    expect(v.engine.totals().peer).toBe(0);
  });
});

describe("a transfer that has nothing to bring any more", () => {
  it("is stopped, although other blocks are still on their way", () => {
    const { v, peers } = measured();
    wants(v, peers);
    const [slow, late] = [4, BLOCKS - 1];
    for (const peer of peers) sends(v, peer, (index) => index !== slow && index !== late);
    while (v.bought(NEXT).length === 0) v.pass(20);
    expect(v.bought(NEXT)).toEqual([[late]]);
    const before = v.of("cdn-abort").length;
    for (const peer of peers) sends(v, peer, (index) => index === late);
    expect(v.of("cdn-abort")).toHaveLength(before + 1);
    expect(v.of("deliver")).toHaveLength(1);
  });
});
