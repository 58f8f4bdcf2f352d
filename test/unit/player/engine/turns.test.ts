import { describe, expect, it } from "vitest";
import { buyIfDue } from "../../../../player/engine/buying.ts";
import { measureCdn } from "../../../../player/engine/estimate.ts";
import { addHolding } from "../../../../player/engine/neighbour.ts";
import { createSegment, layOut } from "../../../../player/engine/segment.ts";
import { takesTurns } from "../../../../player/engine/turns.ts";
import { digestsOf, key } from "../../../support/engine-harness.ts";
import { amongSix } from "./among.ts";

const BLOCKS = 4;
const BYTES = BLOCKS * 65_536;

/**
 * A viewer among others, all after segment 3, which takes turns: a transfer of another segment has brought nothing since it was opened at 0,
 * so that the CDN is slower by the moment, and turns are longer. What the engine says it will look at next.
 */
function waiting(name: string) {
  const core = amongSix(name);
  const hanging = createSegment(key(1), 0);
  const times = { askedAt: 0, openedAt: 0, movedAt: 0 };
  hanging.transfer = { fetch: 1, reason: "duty", when: "due", next: 0, end: 1, bytes: 0, lineBefore: 0, ...times };
  core.transfers.set(1, hanging);
  const seg = createSegment(key(3), 0.6);
  layOut(seg, BYTES, "digests");
  Object.assign(seg.digests, { verdict: "agreed", list: digestsOf(key(3), BYTES) });
  seg.wants.push({ request: 1, deadline: 30_000, since: 0.6, start: false });
  return (now: number): number => {
    core.now = now;
    const next = buyIfDue(core, seg) - now;
    return seg.transfer === undefined ? next : Number.POSITIVE_INFINITY;
  };
}

it("a segment whose turn moves away as time goes by is not looked at each millisecond", () => {
  for (let i = 0; i < 30; i++) {
    const next = waiting(`v${i}`);
    let looks = 0;
    for (let now = 1500; now < 6000; looks++) now += Math.min(next(now), 6000);
    expect(looks, `v${i}`).toBeLessThanOrEqual(4500 / 20);
  }
});

/** The same, and most of segment 3 is on its way from the CDN, slowly: one block came, a moment ago. Is that given up? */
function isGivenUp(ranges: "sent" | "unknown"): boolean {
  const core = amongSix("me");
  Object.assign(core, { now: 4000 });
  Object.assign(core.cdn, { ranges });
  const seg = createSegment(key(3), 0);
  layOut(seg, BYTES, "digests");
  Object.assign(seg.digests, { verdict: "agreed", list: digestsOf(key(3), BYTES) });
  seg.wants.push({ request: 1, deadline: 5000, since: 0, start: false });
  const times = { askedAt: 0, openedAt: 0, movedAt: 3900 };
  seg.transfer = {
    fetch: 1,
    reason: "duty",
    when: "due",
    next: 1,
    end: BLOCKS,
    bytes: 65_536,
    lineBefore: 0,
    ...times,
  };
  core.transfers.set(1, seg);
  buyIfDue(core, seg);
  return core.aborted.has(1);
}

it("a transfer of more than a part is given up for turns where parts can be had, and only there once something came", () => {
  expect(isGivenUp("sent")).toBe(true);
  expect(isGivenUp("unknown")).toBe(false);
});

describe("a line that is hardly wide enough", () => {
  /** 262 kB in 4 s. */
  const NEEDED = BYTES / 4000;
  /** The CDN alone filled the line with 0.9 of what is needed; with neighbours, who brought half, as much came. */
  const THIN = { alone: 0.9 * NEEDED, shared: 0.95 * NEEDED, most: 1.1 * NEEDED };

  /** Who measured that, in bytes a millisecond, wants segment 3. `most`: what the line ever carried. */
  function wants({ alone, shared, most }: typeof THIN, inMs: number) {
    const core = amongSix("me");
    core.now = 4000;
    const measured = { firstByteMs: 40, bodyMs: 1000, now: 4000 };
    measureCdn(core.cdn, { ...measured, bytes: 1000 * alone, lineBytes: 1000 * alone });
    measureCdn(core.cdn, { ...measured, bytes: 500 * shared, lineBytes: 1000 * shared - 1 });
    measureCdn(core.cdn, { ...measured, bytes: 300 * shared, lineBytes: 1000 * shared });
    core.line.mostBytesPerMs = most;
    const seg = createSegment(key(3), 0);
    layOut(seg, BYTES, "digests");
    Object.assign(seg.digests, { verdict: "agreed", list: digestsOf(key(3), BYTES) });
    seg.wants.push({ request: 1, deadline: 4000 + inMs, since: 4000, start: false });
    return { core, seg };
  }

  function isTakenForCdn(measured: typeof THIN): boolean {
    const { core, seg } = wants(measured, 1000);
    return takesTurns(core, seg, 0);
  }

  it("is not taken for a slow CDN, that others might spare", () => {
    expect(isTakenForCdn(THIN)).toBe(false);
  });

  it("waits for nobody, when it has no room at all", () => {
    const isBoughtAtOnce = (change: Partial<typeof THIN>): boolean => {
      const { core, seg } = wants({ ...THIN, ...change }, 30_000);
      core.sizes.set(seg.key.rendition, BYTES);
      for (const n of core.neighbours.values()) addHolding(n, seg.id, BYTES, 0, BLOCKS);
      buyIfDue(core, seg);
      return seg.transfer !== undefined;
    };
    expect(isBoughtAtOnce({})).toBe(true);
    expect(isBoughtAtOnce({ most: 1.3 * NEEDED })).toBe(false);
    // What comes in at the rate that it plays is no sign of a thin line, where the CDN was quicker by far.
    expect(isBoughtAtOnce({ alone: 3 * NEEDED, shared: 3 * NEEDED })).toBe(false);
  });

  it.each([
    { why: "neighbours' blocks came on top of the CDN's", change: { alone: 0.7 * NEEDED } },
    { why: "it carried far more at times", change: { most: 3 * NEEDED } },
    { why: "the CDN was far from filling it", change: { alone: 0.4 * NEEDED, shared: 0.42 * NEEDED } },
    { why: "it carries less than the CDN alone brought once", change: { shared: 0.5 * NEEDED } },
  ])("is not what is the limit where $why", ({ change }) => {
    expect(isTakenForCdn({ ...THIN, ...change })).toBe(true);
  });
});
