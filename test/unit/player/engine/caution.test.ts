import { describe, expect, it } from "vitest";
import { engineHarness, key, peerId, SEGMENT_BYTES } from "../../../support/engine-harness.ts";

type Harness = ReturnType<typeof engineHarness>;

/** Every transfer that the CDN was asked for since, until `msn` is handed out. */
function cdnBrings(h: Harness, since: number): void {
  const before = h.of("deliver").length;
  for (let at = since; h.of("deliver").length === before; at++) {
    const get = h.of("cdn-get")[at];
    if (get === undefined) throw new Error("nothing was bought");
    h.cdn(get);
  }
}

/** The CDN was quick so far: 200 kB in 100 ms. */
function knowsItsCdn(h: Harness): void {
  h.wants(key(1), 0);
  const get = h.of("cdn-get")[0];
  if (get === undefined) throw new Error("the first segment was not bought");
  h.pass(50);
  h.tell({ t: "cdn-opened", fetch: get.fetch, bytes: SEGMENT_BYTES, from: 0, runsOn: false });
  h.pass(50);
  h.cdn(get);
}

/** A neighbour offers segment `msn` and then sends nothing, on a page that is too busy to turn to the CDN in time. */
function comesLate(h: Harness, name: string, msn: number, start = false): void {
  const mute = h.peer(name, "direct", [key(msn)]);
  const bought = h.of("cdn-get").length;
  h.wants(key(msn), 6000, start);
  h.knows(key(msn));
  h.freeze(7000);
  cdnBrings(h, bought);
  h.tell({ t: "peer-closed", peer: mute });
}

/** A viewer with ten neighbours, of whom the first gave the most, the second less, and the others nothing. */
function amongTen() {
  const h = engineHarness();
  h.join({ size: 11 });
  const peers = Array.from({ length: 10 }, (_, i) => h.peer(`n${i}`, "direct", i < 2 ? [key(20 + i)] : []));
  for (const [i, msn] of [20, 21].entries()) {
    h.wants(key(msn), 20_000);
    h.knows(key(msn));
    h.serves(peerId(`n${i}`));
  }
  return { h, peers };
}

const dropped = (h: Harness, reason: string) =>
  h.of("drop").flatMap((drop) => (drop.reason === reason ? drop.peer : []));

describe("a viewer whom neighbours made late", () => {
  it("keeps fewer of them and more time in hand, then leaves the mesh, and comes back", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    h.pass(3000);
    expect(h.engine.caution()).toBe("none");
    comesLate(h, "a", 5);
    expect(h.engine.caution()).toBe("wary");
    comesLate(h, "b", 6);
    expect(h.engine.caution()).toBe("off");
    expect(dropped(h, "mode-off")).toEqual([peerId("b")]);
    h.wants(key(7), 20_000);
    for (const get of h.of("cdn-get").slice(-1)) h.cdn(get);
    expect(h.engine.totals().cdnReasons.p2pOff).toBe(SEGMENT_BYTES);
    h.pass(181_000);
    expect(h.engine.caution()).toBe("wary");
    h.pass(121_000);
    expect(h.engine.caution()).toBe("none");
    const back = h.peer("c", "direct", [key(8)]);
    h.wants(key(8), 20_000);
    h.knows(key(8));
    expect(h.serves(back)).toBeGreaterThan(0);
  });

  it("backs off as well when its device cannot keep up, unless nobody can be to blame for that", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    h.tell({ t: "overload" });
    expect(h.engine.caution()).toBe("none");
    const peer = h.peer("a");
    h.tell({ t: "overload" });
    expect(h.engine.caution()).toBe("wary");
    h.tell({ t: "overload" });
    expect(h.engine.caution()).toBe("off");
    expect(dropped(h, "mode-off")).toEqual([peer]);
  });

  it("keeps the half of its neighbours that gave most, and takes no more", () => {
    const { h, peers } = amongTen();
    h.pass(5000);
    comesLate(h, "late", 40);
    const gone = dropped(h, "enough");
    // Eleven with the one who was late, who has left by itself since.
    expect(gone).toHaveLength(5);
    expect(gone).not.toContain(peers[0]);
    expect(gone).not.toContain(peers[1]);
    h.peer("one", "direct", []);
    const before = dropped(h, "enough").length;
    h.peer("more", "direct", []);
    expect(dropped(h, "enough").slice(before)).toEqual([peerId("more")]);
  });

  it("may take back later whom it let go then", () => {
    const { h } = amongTen();
    h.pass(5000);
    comesLate(h, "late", 40);
    const [gone] = dropped(h, "enough");
    h.pass(130_000);
    expect(h.engine.caution()).toBe("none");
    const before = h.of("drop").length;
    if (gone !== undefined) h.tell({ t: "peer-open", peer: gone, near: "lan", path: "direct" });
    expect(h.of("drop")).toHaveLength(before);
  });
});

describe("the start", () => {
  it("is watched as well", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    knowsItsCdn(h);
    comesLate(h, "a", 5, true);
    expect(h.engine.caution()).toBe("wary");
  });

  it("counts for nothing while nobody knows how quick the CDN is", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    h.pass(3000);
    comesLate(h, "a", 5, true);
    expect(h.engine.caution()).toBe("none");
  });

  it("is not late while what was asked for first still plays", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    knowsItsCdn(h);
    const slow = h.peer("a", "direct", [key(5)]);
    h.wants(key(5), 9000, true);
    h.knows(key(5));
    h.pass(1500);
    h.serves(slow);
    expect(h.of("deliver")).toHaveLength(2);
    expect(h.engine.caution()).toBe("none");
  });
});

describe("neighbours are not to blame", () => {
  it("for what the CDN brought late although it was asked at once", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    knowsItsCdn(h);
    const bought = h.of("cdn-get").length;
    h.wants(key(5), 300);
    expect(h.of("cdn-get")).toHaveLength(bought + 1);
    h.pass(3000);
    cdnBrings(h, bought);
    expect(h.engine.caution()).toBe("none");
  });

  it("for what came late because the CDN failed", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    knowsItsCdn(h);
    h.peer("a", "direct", [key(5)]);
    h.wants(key(5), 6000);
    h.knows(key(5));
    const bought = h.of("cdn-get").length;
    while (h.of("cdn-get").length === bought) h.pass(100);
    const failed = h.of("cdn-get").at(-1);
    h.tell({ t: "cdn-failed", fetch: failed?.fetch ?? 0, stray: 0, fault: { kind: "http", status: 503 } });
    h.freeze(8000);
    while (h.of("cdn-get").length === bought + 1) h.pass(100);
    cdnBrings(h, bought + 1);
    expect(h.engine.caution()).toBe("none");
  });
});
