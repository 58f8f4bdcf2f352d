import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { key } from "../../../support/engine-harness.ts";
import { BLOCKS, neighbours, SILENT, viewer } from "./rig.ts";

/** In hand when a segment is wanted, in milliseconds: too little for a neighbour, who takes a second. */
const LEFT_MS = 500;

/** A live viewer that knows how fast its CDN is, and wants segment 3 at the last moment. Its neighbours hold that; one sent the second, in a second. */
function atTheLastMoment(count = 1) {
  const v = viewer("me", { live: true, size: 1 });
  v.wants(key(1), 20_000);
  while (v.of("deliver").length === 0) v.pass(100);
  v.tell({ t: "swarm", size: count + 1 });
  const peers = neighbours(v, count);
  const [peer] = peers;
  v.offers(peer, key(2));
  v.knows(key(2));
  v.wants(key(2), 20_000);
  while (v.of("deliver").length < 2) {
    v.pass(1000);
    v.serves(peer);
  }
  v.becomes(SILENT);
  v.wants(key(3), LEFT_MS);
  for (const one of peers) v.offers(one, key(3));
  v.knows(key(3));
  return { v, peer, deadline: v.now() + LEFT_MS };
}

describe("a segment that the CDN fails to bring at the last moment, while a neighbour holds it", () => {
  it("is asked of neighbours however late, and not called back when the CDN is tried again", () => {
    const { v } = atTheLastMoment(8);
    expect(v.asked(key(3))).toEqual([]);
    v.fails();
    v.pass(10);
    expect(v.asked(key(3))).toHaveLength(BLOCKS);
    const tries = v.bought(key(3)).length;
    v.pass(1000);
    expect(v.bought(key(3)).length).toBeGreaterThan(tries);
    expect(v.frames("cancel")).toEqual([]);
  });

  it("is tried again every half second, and hls.js is not told before playback was dry for five", () => {
    const { v, deadline } = atTheLastMoment();
    let tries = 0;
    while (v.of("fail").length === 0 && v.now() < deadline + 10_000) {
      tries += v.fails();
      v.pass(10);
    }
    expect(v.now() - deadline).toBeGreaterThan(5000);
    expect(v.now() - deadline).toBeLessThan(5600);
    expect(tries).toBeGreaterThanOrEqual(10);
    expect(tries).toBeLessThanOrEqual(15);
  });

  it("comes from the neighbour", () => {
    const { v, peer } = atTheLastMoment();
    for (let ms = 0; ms < 3000 && v.of("deliver").length < 3; ms += 100) {
      v.fails();
      v.serves(peer);
      v.pass(100);
    }
    expect(v.of("fail")).toEqual([]);
    expect(v.of("deliver").at(-1)?.report).toMatchObject({ key: key(3), cdnBytes: 0 });
  });
});

/** A live viewer that holds segments 1 and 2, and whose CDN failed, or did not, when it wanted the third. Its uplink takes on 12 blocks. */
function holder({ live = true, failed = true, blocksQueuedPerLink = BLOCKS } = {}) {
  const v = viewer("me", { live, size: 1, limits: { blocksQueuedPerLink } });
  for (const msn of [1, 2]) {
    v.wants(key(msn), 60_000);
    while (v.of("deliver").length < msn) v.pass(100);
  }
  v.becomes(SILENT);
  v.wants(key(3), 60_000);
  if (failed) v.fails();
  v.tell({ t: "swarm", size: 4 });
  const peers = neighbours(v, 3);
  const asks = (peer: PeerId | undefined, msn: number, count: number) => {
    if (peer !== undefined) v.says(peer, { t: "request", id: 1, key: key(msn), from: 0, count });
  };
  return { v, peers, asks };
}

/** Two ask for a newer segment, and then one for an older one. Returns the places of the older one's blocks among all that go out. */
function placesOfOlder(options: Parameters<typeof holder>[0]): number[] {
  const { v, peers, asks } = holder(options);
  const [first, second, third] = peers;
  asks(first, 2, 5);
  asks(second, 2, 4);
  asks(third, 1, 3);
  for (let turn = 0; turn < 30; turn++) {
    for (const peer of peers) v.tell({ t: "writable", peer });
    v.pass(100);
  }
  return v.frames("block").flatMap(({ peer }, at) => (peer === third ? at : []));
}

describe("after the CDN failed", () => {
  it("blocks of a live stream's older segment go before those of a newer one", () => {
    expect(placesOfOlder({})).toEqual([5, 6, 7]);
  });

  it.each([{ failed: false }, { live: false }])("but else in turn (%o)", (options) => {
    expect(placesOfOlder(options)).toEqual([6, 8, 10]);
  });

  it("who does not read keeps nobody waiting", () => {
    const { v, peers, asks } = holder({ blocksQueuedPerLink: 2 });
    asks(peers[0], 1, 4);
    asks(peers[1], 2, 2);
    expect(v.frames("block").map(({ peer }) => peer)).toEqual([peers[0], peers[0], peers[1], peers[1]]);
  });

  it("an older segment is taken on though newer ones wait", () => {
    const refused = [true, false].map((failed) => {
      const { v, peers, asks } = holder({ failed });
      asks(peers[0], 2, 12);
      asks(peers[1], 1, 1);
      return v.frames("refuse").length;
    });
    expect(refused).toEqual([0, 1]);
  });
});
