import { describe, expect, it } from "vitest";
import { HD, key, peerId } from "../../../support/engine-harness.ts";
import { fallsShort, neighbours, plays, type Viewer, viewer } from "./rig.ts";

/** So many segments were played, and this is the first that the tests want. */
const TRAINED = 6;
const FIRST = 20;

/** A viewer whose neighbour lacked half of each segment (`scarce`), or had all. */
function trained(kind: "scarce" | "plenty"): Viewer {
  const v = viewer("me", { live: true });
  const peer = v.peer("n0");
  if (kind === "scarce") fallsShort(v, peer, TRAINED);
  for (let msn = 1; kind === "plenty" && msn <= TRAINED; msn++) {
    v.offers(peer, key(msn));
    plays(v, [peer], msn);
  }
  return v;
}

/** How long the viewer leaves each of so many segments to others that nobody near holds, in milliseconds. */
function waits(v: Viewer, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const msn = FIRST + i;
    const since = v.now();
    const request = v.wants(key(msn), 60_000);
    while (v.bought(key(msn)).length === 0) v.pass(50);
    const ms = v.now() - since;
    // It is not to learn from it.
    v.tell({ t: "abandon", request });
    v.pass(1000);
    return ms;
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe("who buys a segment that nobody near has", () => {
  it("buys sooner in a large swarm that is short of uplink", () => {
    const [scarce, plenty] = (["scarce", "plenty"] as const).map((kind) => {
      const v = trained(kind);
      v.tell({ t: "swarm", size: 500 });
      return waits(v, 20);
    }) as [number[], number[]];
    for (const [i, ms] of scarce.entries()) expect(ms).toBeLessThanOrEqual(plenty[i] ?? 0);
    expect(sum(plenty)).toBeGreaterThan(20 * 4000);
    expect(sum(scarce)).toBeLessThan(sum(plenty) / 4);
  });

  it("buys at once as often in a swarm of ten thousand as in one of five hundred, where that is short of uplink", () => {
    const [large, huge] = [500, 10_000].map((size) => {
      const v = trained("scarce");
      v.tell({ t: "swarm", size });
      return waits(v, 40).filter((ms) => ms === 0).length;
    }) as [number, number];
    expect(huge).toBe(large);
    expect(huge).toBeGreaterThan(0);
    // Others buy the rest of what the neighbours cannot send.
    expect(huge).toBeLessThan(20);
  });

  it("follows sooner as second where all see each other and are short of uplink", () => {
    const ranks = (["scarce", "plenty"] as const).map((kind) => {
      const v = trained(kind);
      v.pass(60_000);
      v.says(peerId("n0"), { t: "position", rendition: HD, asked: FIRST, uplink: 20 });
      return new Set(waits(v, 20));
    });
    expect(ranks).toEqual([new Set([0, 500]), new Set([0, 2000])]);
  });
});

describe("a viewer in a swarm of 40", () => {
  /** What it asks the tracker for within twelve seconds when it has so many neighbours. */
  const asksFor = (kind: "scarce" | "plenty", count: number) => {
    const v = trained(kind);
    neighbours(v, count);
    const before = v.of("more-neighbours").length;
    v.tell({ t: "swarm", size: 40 });
    v.pass(12_000);
    return v.of("more-neighbours").slice(before);
  };
  const slow = (have: number) => ({ t: "more-neighbours", reason: "slow", have });

  it("that is short of uplink asks every 5 s for more than eleven neighbours, because they are slow", () => {
    expect(asksFor("scarce", 11)).toEqual([slow(11), slow(11), slow(11)]);
    expect(asksFor("scarce", 4)).toEqual([slow(4), slow(4), slow(4)]);
  });

  it("is content with twelve", () => {
    expect(asksFor("scarce", 12)).toEqual([]);
  });

  it("is content with four where there is uplink enough", () => {
    expect(asksFor("plenty", 4)).toEqual([]);
  });

  it("has lost them, rather, where there are fewer than four", () => {
    expect(asksFor("scarce", 3)[0]).toEqual({ t: "more-neighbours", reason: "lost", have: 3 });
  });
});
