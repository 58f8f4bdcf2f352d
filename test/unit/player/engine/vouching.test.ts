import { describe, expect, it } from "vitest";
import { segmentId } from "../../../../player/protocol/index.ts";
import type { Digest, PeerId } from "../../../../tracker/protocol/index.ts";
import { digestsOf, engineHarness, key, peerId, SEGMENT_BYTES } from "../../../support/engine-harness.ts";

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

describe("while the tracker is alone", () => {
  it("it is asked as ever, and neighbours of other trackers are believed where two say the same", () => {
    const h = engineHarness();
    h.join({ size: 4 });
    const peers = ["a", "b", "c"].map((name) => h.peer(name, "direct", [key(5)]));
    h.wants(key(5), 20_000);
    expect(h.of("ask-digests")).toHaveLength(1);
    h.tell({ t: "tracker", state: "alone" });
    h.tell({ t: "digests", segment: segmentId(key(5)), verdict: "unknown" });
    for (const peer of peers.slice(1)) {
      h.says(peer, { t: "vouch", key: key(5), bytes: SEGMENT_BYTES, digests: digestsOf(key(5)) });
    }
    for (const peer of peers) h.serves(peer);
    expect(h.of("deliver")).toHaveLength(1);
    h.offers(peers[0] ?? peerId("a"), key(6));
    h.wants(key(6), 20_000);
    expect(h.of("ask-digests").flatMap(({ segments }) => segments)).toContain(segmentId(key(6)));
  });
});

it("whoever has its tracker again says hello to its neighbours", () => {
  const { h } = withoutTracker();
  const before = h.frames("hello").length;
  h.tell({ t: "tracker", state: "alone" });
  expect(h.frames("hello")).toHaveLength(before);
  h.tell({ t: "tracker", state: "up" });
  expect(h.frames("hello")).toHaveLength(before + 3);
});

describe("a neighbour that is cut off while this viewer is not", () => {
  function withOneCutOff() {
    const h = engineHarness();
    h.join({ size: 3, live: true });
    const peers = ["a", "b"].map((name) => h.peer(name));
    const [cutOff, other] = peers as [PeerId, PeerId];
    /** A segment that came from the other neighbour, checked by what the tracker said. */
    const has = (msn: number) => {
      h.offers(other, key(msn));
      h.wants(key(msn), 20_000);
      h.knows(key(msn));
      h.serves(other);
    };
    const vouches = (msn: number) =>
      h.says(cutOff, { t: "vouch", key: key(msn), bytes: SEGMENT_BYTES, digests: digestsOf(key(msn)) });
    const told = () => h.frames("vouch").map(({ peer, frame }) => [peer, frame.key.msn]);
    return { h, cutOff, other, has, vouches, told };
  }

  it("is told by its first word all that this viewer knows, and what it learns from then on; others are told nothing", () => {
    const { cutOff, has, vouches, told } = withOneCutOff();
    has(5);
    expect(told()).toEqual([]);
    vouches(4);
    expect(told()).toEqual([[cutOff, 5]]);
    has(6);
    vouches(3);
    expect(told()).toEqual([
      [cutOff, 5],
      [cutOff, 6],
    ]);
  });

  it("has its tracker again when it has said nothing for a minute", () => {
    const { h, has, vouches, told } = withOneCutOff();
    vouches(4);
    h.pass(60_000);
    has(6);
    expect(told()).toEqual([]);
  });

  it("has its tracker again as soon as it says hello once more", () => {
    const { h, cutOff, has, vouches, told } = withOneCutOff();
    vouches(4);
    h.says(cutOff, { t: "hello", version: 1, upload: "share", ageMs: 0 });
    has(6);
    expect(told()).toEqual([]);
  });

  it("is not relied on for a segment that the tracker knows nothing of: this viewer buys one that can be checked", () => {
    const { h, cutOff, vouches } = withOneCutOff();
    vouches(4);
    h.offers(cutOff, key(7));
    h.wants(key(7), 20_000);
    h.pass(6000);
    expect(h.of("cdn-get").map((get) => get.key.msn)).toEqual([7]);
  });
});
