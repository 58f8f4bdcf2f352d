import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { key } from "../../../support/engine-harness.ts";
import { BLOCKS, BYTES, type Cdn, cdnOf, FAST, fallsShort, neighbours, plays, type Viewer, viewer } from "./rig.ts";

/** A whole segment takes 2.6 s, half of one 1.3 s. */
const RATE = 400;
const WHOLE_MS = BYTES / RATE;
const WHOLE_ONLY: Cdn = { ...cdnOf(RATE), ignoresRange: true };
const DEADLINE_MS = 8000;

/** A viewer that measured the CDN, and whose one neighbour has the first half of everything. */
function halfHelped(cdn: Cdn): { v: Viewer; peer: PeerId } {
  const v = viewer("me", { size: 1, cdn });
  v.wants(key(1), 60_000);
  while (v.of("deliver").length === 0) v.pass(100);
  v.tell({ t: "swarm", size: 2 });
  const [peer] = neighbours(v, 1);
  return { v, peer };
}

/** Waits for a segment; returns how long before its deadline the CDN was asked, and for which bytes. */
function buys({ v, peer }: ReturnType<typeof halfHelped>, msn: number) {
  const before = v.of("cdn-get").length;
  const deadline = v.now() + DEADLINE_MS;
  v.offers(peer, key(msn), 0, BLOCKS / 2);
  v.knows(key(msn));
  v.wants(key(msn), DEADLINE_MS);
  while (v.of("cdn-get").length === before) {
    v.serves(peer);
    v.pass(20);
  }
  const { from, to } = v.of("cdn-get")[before] ?? {};
  const left = deadline - v.now();
  while (v.of("deliver").length < msn) v.pass(20);
  return { left, from, to, spare: deadline - v.now() };
}

describe("a CDN that was not seen to send parts", () => {
  it("is asked for the missing half while it still could send all", () => {
    const bought = buys(halfHelped(cdnOf(RATE)), 2);
    expect(bought).toMatchObject({ from: BYTES / 2, to: undefined });
    expect(bought.left).toBeGreaterThan(WHOLE_MS);
  });

  it("is in time although it does send all", () => {
    expect(buys(halfHelped(WHOLE_ONLY), 2).spare).toBeGreaterThan(0);
  });
});

describe("a CDN that sends whole segments only", () => {
  it("is asked for whole ones from then on, in time for all of it", () => {
    const world = halfHelped(WHOLE_ONLY);
    buys(world, 2);
    const bought = buys(world, 3);
    expect(bought).toMatchObject({ from: 0, to: undefined });
    expect(bought.left).toBeGreaterThan(WHOLE_MS);
    expect(bought.spare).toBeGreaterThan(0);
  });

  it("is asked for all of it at once when it begins to send that in place of a part from the middle", () => {
    const { v, peer } = halfHelped(WHOLE_ONLY);
    v.offers(peer, key(2), 0, BLOCKS / 4);
    v.offers(peer, key(2), (3 * BLOCKS) / 4, BLOCKS / 4);
    v.knows(key(2));
    v.wants(key(2), DEADLINE_MS);
    v.serves(peer);
    v.pass(DEADLINE_MS);
    const gets = v.of("cdn-get").filter((get) => get.key.msn === 2);
    expect(gets.map(({ from, to }) => [from > 0, to !== undefined])).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(v.of("deliver")).toHaveLength(2);
    // Not one block came twice: of the second answer all up to the last that was missing.
    expect(v.engine.totals().cdn).toBe(BYTES + (3 / 4) * BYTES);
  });

  it("shows it in the answer to its front: all is asked for anew before anything of that came", () => {
    const { v, peer } = halfHelped(WHOLE_ONLY);
    v.offers(peer, key(2), BLOCKS / 2, BLOCKS / 2);
    v.knows(key(2));
    v.wants(key(2), DEADLINE_MS);
    v.serves(peer);
    v.pass(DEADLINE_MS);
    const gets = v.of("cdn-get").filter((get) => get.key.msn === 2);
    expect(gets.map(({ from, to }) => [from, to])).toEqual([
      [0, BYTES / 2],
      [0, undefined],
    ]);
    expect(v.of("deliver")).toHaveLength(2);
    expect(v.engine.totals().cdn).toBe(BYTES + BYTES / 2);
  });

  it("is stopped where it was asked early for a part only", () => {
    const v = viewer("me", { live: true });
    const [peer] = neighbours(v, 1);
    const msn = fallsShort(v, peer, 6);
    v.becomes({ ...FAST, ignoresRange: true });
    v.offers(peer, key(msn));
    v.knows(key(msn));
    v.wants(key(msn), DEADLINE_MS);
    v.pass(1000);
    const [early, ...more] = v.of("cdn-get").filter((get) => get.key.msn === msn);
    expect(early?.from).toBeGreaterThan(0);
    expect(more).toEqual([]);
    expect(v.of("cdn-abort").map(({ fetch }) => fetch)).toContain(early?.fetch);
    v.serves(peer);
    expect(v.of("deliver").at(-1)?.report).toMatchObject({ key: key(msn), cdnBytes: 0 });
  });

  it("does not take from neighbours what they are sending meanwhile", () => {
    const world = halfHelped(WHOLE_ONLY);
    buys(world, 2);
    const cancels = world.v.frames("cancel").length;
    buys(world, 3);
    expect(world.v.frames("cancel")).toHaveLength(cancels);
  });
});

describe("a CDN that sends parts", () => {
  it("is asked for the missing half later than before that was known", () => {
    const world = halfHelped(cdnOf(RATE));
    const first = buys(world, 2);
    const { v, peer } = world;
    // What fell short once is forgotten.
    for (const msn of [3, 4, 5]) {
      v.offers(peer, key(msn));
      plays(v, [peer], msn);
    }
    expect(buys(world, 6).left).toBeLessThan(first.left - WHOLE_MS / 3);
  });
});
