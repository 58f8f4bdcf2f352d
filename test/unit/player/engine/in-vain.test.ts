import { describe, expect, it } from "vitest";
import { key } from "../../../support/engine-harness.ts";
import { neighbours, plays, viewer } from "./rig.ts";

/** The least that a segment is left to others on purpose, in milliseconds. */
const STEP_MS = 2000;

/** A viewer of a large live swarm that sees few of it. */
function watching() {
  const v = viewer("me", { live: true, size: 100 });
  const peers = neighbours(v, 2);
  /** Plays a segment that nobody near has, and tells how long it was left to others, in milliseconds. */
  const leaves = (msn: number): number => {
    const since = v.now();
    v.wants(key(msn), 12_000);
    while (v.bought(key(msn)).length === 0) v.pass(10);
    const left = v.now() - since;
    while (v.of("progress").length === 0 || v.of("deliver").length < v.of("cdn-get").length) v.pass(10);
    return left;
  };
  const leavesAll = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => leaves(from + index));
  return { v, peers, leavesAll };
}

describe("segments that a viewer leaves to others", () => {
  it("are left to them no more once two have come from nobody", () => {
    const { leavesAll } = watching();
    const waits = leavesAll(1, 12);
    const vain = waits.filter((ms) => ms >= STEP_MS);
    expect(vain).toHaveLength(2);
    expect(waits.slice(waits.lastIndexOf(vain[1] ?? 0) + 1).every((ms) => ms === 0)).toBe(true);
  });

  it("are left to them again as soon as one has come from somebody", () => {
    const { v, peers, leavesAll } = watching();
    leavesAll(1, 12);
    v.offers(peers[0], key(13));
    plays(v, peers, 13);
    expect(v.engine.totals().peer).toBeGreaterThan(0);
    expect(leavesAll(14, 30).filter((ms) => ms >= STEP_MS)).toHaveLength(2);
  });

  it("are left to them again as soon as somebody buys one, though this viewer was sooner", () => {
    const { v, peers, leavesAll } = watching();
    leavesAll(1, 12);
    v.says(peers[0], { t: "buying", key: key(12) });
    expect(leavesAll(13, 30).filter((ms) => ms >= STEP_MS)).toHaveLength(2);
  });
});
