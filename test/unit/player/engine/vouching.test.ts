import { describe, expect, it } from "vitest";
import type { Digest } from "../../../../tracker/protocol/index.ts";
import { digestsOf, engineHarness, key, SEGMENT_BYTES } from "../../../support/engine-harness.ts";

/** A viewer with three neighbours that hold segment 5, in a swarm whose tracker is gone. */
function withoutTracker() {
  const h = engineHarness();
  h.join({ size: 4 });
  const peers = ["a", "b", "c"].map((name) => h.peer(name, "direct", [key(5)]));
  h.tell({ t: "tracker", state: "down" });
  h.wants(key(5), 20_000);
  const vouch = (peer: number, digests: readonly Digest[] = digestsOf(key(5))) => {
    const sender = peers[peer];
    if (sender !== undefined) h.says(sender, { t: "vouch", key: key(5), bytes: SEGMENT_BYTES, digests });
  };
  const serveAll = () => {
    for (const peer of peers) h.serves(peer);
  };
  return { h, vouch, serveAll };
}

describe("while the tracker is gone", () => {
  it("two neighbours that vouch for the same digests are believed, and the mesh goes on", () => {
    const { h, vouch, serveAll } = withoutTracker();
    vouch(0);
    vouch(1);
    serveAll();
    expect(h.of("deliver")).toHaveLength(1);
    expect(h.engine.totals()).toMatchObject({ cdn: 0, peer: SEGMENT_BYTES });
  });

  it("the word of one is not enough, even if it says it twice", () => {
    const { h, vouch, serveAll } = withoutTracker();
    vouch(0);
    vouch(0);
    serveAll();
    expect(h.of("deliver")).toHaveLength(0);
    h.pass(20_000);
    for (const get of h.of("cdn-get")) h.cdn(get);
    expect(h.of("deliver")).toHaveLength(1);
    expect(h.engine.totals().peer).toBe(0);
  });

  it("a neighbour that says otherwise makes nobody believed", () => {
    const { h, vouch, serveAll } = withoutTracker();
    vouch(
      2,
      digestsOf(key(5)).map(() => "x".repeat(22) as Digest),
    );
    vouch(0);
    vouch(1);
    serveAll();
    expect(h.of("deliver")).toHaveLength(0);
  });

  it("tells neighbours the digests of what it bought itself", () => {
    const { h } = withoutTracker();
    h.wants(key(9), 0);
    for (const get of h.of("cdn-get")) if (get.key.msn === 9) h.cdn(get);
    const told = h.frames("vouch").filter(({ frame }) => frame.key.msn === 9);
    expect(told).toHaveLength(3);
    expect(told[0]?.frame).toEqual({ t: "vouch", key: key(9), bytes: SEGMENT_BYTES, digests: digestsOf(key(9)) });
  });
});
