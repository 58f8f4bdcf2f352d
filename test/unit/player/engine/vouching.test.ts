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

it("who comes while this viewer is cut off hears all that it knows", () => {
  const { h, vouch, serveAll } = withoutTracker();
  vouch(0);
  vouch(1);
  serveAll();
  const late = h.peer("late");
  expect(h.frames("vouch").filter(({ peer }) => peer === late)).toHaveLength(1);
});

it("who is cut off says so to all, to those who come later too, and says when it is not any more", () => {
  const { h } = withoutTracker();
  const said = () => h.frames("tracker").map(({ frame }) => frame.standing);
  expect(said()).toEqual(["cut-off", "cut-off", "cut-off"]);
  h.peer("late");
  expect(said()).toHaveLength(4);
  h.tell({ t: "tracker", state: "up" });
  expect(said().slice(4)).toEqual(["reached", "reached", "reached", "reached"]);
  h.peer("latest");
  expect(said()).toHaveLength(8);
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
    const says = (standing: "reached" | "cut-off") => h.says(cutOff, { t: "tracker", standing });
    const told = () => h.frames("vouch").map(({ peer, frame }) => [peer, frame.key.msn]);
    return { h, cutOff, has, says, told };
  }

  it("is told all that this viewer knows, and what it learns from then on, until it has its tracker; others are told nothing", () => {
    const { cutOff, has, says, told } = withOneCutOff();
    has(5);
    expect(told()).toEqual([]);
    says("cut-off");
    expect(told()).toEqual([[cutOff, 5]]);
    has(6);
    says("reached");
    has(7);
    expect(told()).toEqual([
      [cutOff, 5],
      [cutOff, 6],
    ]);
  });

  it("is not relied on for a segment that the tracker knows nothing of: this viewer buys one that can be checked", () => {
    const { h, cutOff, says } = withOneCutOff();
    says("cut-off");
    h.offers(cutOff, key(7));
    h.wants(key(7), 20_000);
    h.pass(6000);
    expect(h.of("cdn-get").map((get) => get.key.msn)).toEqual([7]);
  });
});
