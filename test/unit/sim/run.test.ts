import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { atLeast, play } from "./checks.ts";

const office = { viewers: 8, minutes: 2, profile: "lan", joins: { kind: "every", everyMs: 2000 } } as const;

describe("a run", () => {
  it("is the same for the same seed, to the byte and the millisecond, and another for another", () => {
    const some = { viewers: 12, minutes: 1, leaves: { perMinute: 0.5, replace: true, vanish: 0.5 } };
    const first = play({ ...some, seed: 5 });
    assert.deepEqual(play({ ...some, seed: 5 }), first);
    assert.notDeepEqual(play({ ...some, seed: 6 }), first);
  });

  it("of 8 viewers of a live stream in one office saves three quarters", () => {
    const outcome = play(office);
    atLeast(outcome.offload, 0.75, "offload");
    assert.equal(outcome.stalls, 0);
    assert.equal(outcome.late.count, 0);
  });

  it("of 40 viewers with churn adds no stall and saves most", { timeout: 60_000 }, () => {
    const crowd = { viewers: 40, minutes: 3, leaves: { perMinute: 0.3, replace: true, vanish: 0.5 } };
    const outcome = play(crowd);
    const plain = play({ ...crowd, p2p: false });
    assert.equal(outcome.viewers.total, plain.viewers.total);
    assert.ok(outcome.stalls <= plain.stalls, `${outcome.stalls} stalls, ${plain.stalls} without peers`);
    atLeast(outcome.offload, 0.8, "offload");
  });

  it("of 8 viewers of a VOD, 4 s apart, saves most", () => {
    const outcome = play({ ...office, mode: "vod", joins: { kind: "every", everyMs: 4000 } });
    atLeast(outcome.offload, 0.7, "offload");
    assert.equal(outcome.stalls, 0);
  });

  it("without peers is what plain hls.js costs: every byte played comes from the CDN once", () => {
    const outcome = play({ ...office, p2p: false });
    assert.equal(outcome.bytes.peer, 0);
    assert.equal(outcome.frames, 0);
    assert.equal(outcome.cdnReasons.policy, outcome.bytes.played);
    assert.ok(Math.abs(outcome.offload) < 0.01, "only what was under way at the end is bought and not played");
  });

  it("of one viewer alone costs no more than plain hls.js", () => {
    const alone = play({ ...office, viewers: 1, mode: "vod" });
    const plain = play({ ...office, viewers: 1, mode: "vod", p2p: false });
    assert.equal(alone.bytes.cdn, plain.bytes.cdn);
    assert.deepEqual(alone.startupMs, plain.startupMs);
  });

  it("of two swarms keeps them apart: each buys its own copy", () => {
    const one = play(office);
    const two = play({ ...office, swarms: 2 });
    assert.equal(two.bound, 1 - 2 / two.viewers.averageConcurrent);
    assert.ok(two.neighbours <= 3, `${two.neighbours} neighbours`);
    atLeast(two.copiesPerSegment, one.copiesPerSegment + 0.5, "copies a segment");
  });

  it("tells how far it is", () => {
    const told: number[] = [];
    play({ ...office, minutes: 1 }, { onProgress: ({ nowMs }) => told.push(nowMs) });
    assert.deepEqual(
      told,
      [...told].sort((a, b) => a - b),
    );
  });
});
