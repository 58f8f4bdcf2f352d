import { describe, expect, it } from "vitest";
import { buyIfDue } from "../../../../player/engine/buying.ts";
import type { Core } from "../../../../player/engine/core.ts";
import { addHolding } from "../../../../player/engine/neighbour.ts";
import { createSegment, layOut } from "../../../../player/engine/segment.ts";
import { digestsOf, HD, key } from "../../../support/engine-harness.ts";
import { amongSix } from "./among.ts";

const BLOCKS = 16;
const BYTES = BLOCKS * 65_536;
/** A segment plays for 4 s. At `SLOW` it takes 5.2 s, at `STUCK` a minute. */
const [FAST, SLOW, STUCK] = [5000, 200, 17];

/** A viewer whose CDN sends whole segments only, at this rate in bytes per millisecond. */
function viewer(name: string, bytesPerMs: number): Core {
  const core = amongSix(name);
  core.now = 0;
  Object.assign(core.cdn, { ranges: "ignored", bytesPerMs, firstByteMs: 40, measuredAt: 0 });
  core.sizes.set(HD, BYTES);
  return core;
}

/** How many of thirty such viewers have asked for the segment by then, in milliseconds from their wish. */
function buyersBy(ms: number, bytesPerMs: number, deadline: number): number {
  const names = Array.from({ length: 30 }, (_, i) => `v${i}`);
  return names.filter((name) => {
    const core = viewer(name, bytesPerMs);
    const seg = createSegment(key(3), 0);
    seg.wants.push({ request: 1, deadline, since: 0, start: false });
    for (let next = 0; next <= ms && seg.transfer === undefined; ) {
      core.now = next;
      next = buyIfDue(core, seg);
    }
    return seg.transfer !== undefined;
  }).length;
}

describe("a CDN that sends whole segments only, and more slowly than they play", () => {
  it("is asked by few at first, though nobody knows the size", () => {
    const buyers = buyersBy(0, STUCK, 8000);
    expect(buyers).toBeGreaterThan(0);
    expect(buyers).toBeLessThan(15);
  });

  it("is asked by everybody in time, where it would have been in time for each", () => {
    expect(buyersBy(0, SLOW, 20_000)).toBeLessThan(15);
    // 20 s less 5.3 s for the segment and 1.3 s to spare.
    expect(buyersBy(13_400, SLOW, 20_000)).toBe(30);
  });

  it("is not waited for much longer than it would have taken, where it is only a little too slow", () => {
    // 5.3 s, for a segment of 4 s that was due at once: twice that.
    expect(buyersBy(5000, SLOW, 0)).toBeLessThan(30);
    expect(buyersBy(10_600, SLOW, 0)).toBe(30);
  });

  it("is not waited for in vain: later more ask", () => {
    expect(buyersBy(60_000, STUCK, 8000)).toBe(30);
  });

  it.each([
    ["nothing", SLOW, undefined],
    ["all", FAST, "early"],
  ] as const)("%s is bought ahead of need for want of uplink, at %i bytes a millisecond", (_what, rate, when) => {
    const core = viewer("me", rate);
    core.shortfall = 0.9;
    core.asked = { rendition: HD, msn: 3, deadline: 4000 };
    core.playhead = { rendition: HD, msn: 2, bufferedMs: 4000, goalMs: 30_000, at: 0 };
    const seg = createSegment(key(4), 0);
    seg.ahead = true;
    layOut(seg, BYTES, "digests");
    Object.assign(seg.digests, { verdict: "agreed", list: digestsOf(key(4), BYTES) });
    for (const n of core.neighbours.values()) addHolding(n, seg.id, BYTES, 0, 1);
    buyIfDue(core, seg);
    expect(seg.transfer?.when).toBe(when);
  });
});
