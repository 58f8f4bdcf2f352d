import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { key } from "../../../support/engine-harness.ts";
import { BLOCK, BLOCKS, BYTES, neighbours, type Viewer, viewer } from "./rig.ts";

/** A viewer that holds segment 1, and so many neighbours. Its uplink is taken for 8 Mbit/s: 5 blocks in 300 ms. */
function holder(count: number) {
  const v = viewer("me", { size: 1 });
  v.wants(key(1), 60_000);
  while (v.of("deliver").length === 0) v.pass(100);
  v.tell({ t: "swarm", size: count + 1 });
  return { v, peers: neighbours(v, count) };
}
const ON_LINKS = 5;

const asks = (v: Viewer, peer: PeerId, id: number, from: number, count: number) =>
  v.says(peer, { t: "request", id, key: key(1), from, count });

/** The link to this neighbour took all that it was given. */
const drains = (v: Viewer, peer: PeerId) => v.tell({ t: "writable", peer });

/** To whom blocks were handed so far. */
const handed = (v: Viewer): PeerId[] => v.frames("block").map(({ peer }) => peer);

/**
 * An uplink of so many bytes a millisecond sends one block after the other, and there is always somebody who asks for more.
 * Returns the most blocks that were on the links at one time once that rate was measured.
 */
function mostOnLinks(bytesPerMs: number): number {
  const { v, peers } = holder(12);
  v.tell({ t: "mode", mode: "share", uploadBitsPerSecond: 1_000_000_000 });
  const links: PeerId[] = [];
  let seen = 0;
  let most = 0;
  for (let sent = 0; sent < 60; sent++) {
    for (const [i, peer] of peers.entries()) asks(v, peer, sent * peers.length + i, sent % BLOCKS, 1);
    links.push(...handed(v).slice(seen));
    seen = handed(v).length;
    if (sent > 30) most = Math.max(most, links.length);
    v.pass(BLOCK / bytesPerMs);
    const peer = links.shift();
    if (peer !== undefined && !links.includes(peer)) v.tell({ t: "writable", peer });
  }
  return most;
}

describe("what is handed to the links at one time", () => {
  it.each([100, 400, 1000, 2500])(
    "is what the uplink sends in 300 ms, or one block (%i bytes a millisecond)",
    (rate) => {
      const most = Math.ceil((300 * rate) / BLOCK);
      const seen = mostOnLinks(rate);
      expect(seen).toBeGreaterThanOrEqual(most);
      // What is measured is not quite the true rate.
      expect(seen).toBeLessThanOrEqual(Math.ceil((1.25 * 300 * rate) / BLOCK));
    },
  );

  it("is one block for each that waits, before anybody gets a second", () => {
    const { v, peers } = holder(5);
    const [first, ...others] = peers;
    asks(v, first, 1, 0, ON_LINKS);
    for (const peer of others) asks(v, peer, 1, 0, 2);
    expect(handed(v)).toEqual(Array(ON_LINKS).fill(first));
    drains(v, first);
    expect(handed(v).slice(ON_LINKS)).toEqual([...others, others[0]]);
  });

  it("is of a neighbour's requests one block each, before any gets a second", () => {
    const { v, peers } = holder(1);
    const [first] = peers;
    const other = v.peer("other");
    asks(v, first, 1, 0, ON_LINKS);
    asks(v, other, 7, 0, 3);
    asks(v, other, 8, 4, 3);
    drains(v, first);
    const sent = v.frames("block").filter(({ peer }) => peer === other);
    expect(sent.map(({ frame }) => [frame.id, frame.index])).toEqual([
      [7, 0],
      [8, 4],
      [7, 1],
      [8, 5],
      [7, 2],
    ]);
  });

  it("can not be called back, but all the rest can, and is then never sent", () => {
    const { v, peers } = holder(2);
    for (const peer of peers) asks(v, peer, 7, 0, 6);
    expect(handed(v)).toHaveLength(ON_LINKS);
    for (const peer of peers) v.says(peer, { t: "cancel", id: 7 });
    for (let turn = 0; turn < 5; turn++) {
      for (const peer of peers) drains(v, peer);
      v.pass(1000);
    }
    expect(handed(v)).toHaveLength(ON_LINKS);
    expect(v.frames("refuse")).toEqual([]);
    expect(v.engine.totals().uploaded).toBe(ON_LINKS * BLOCK);
  });
});

it("a viewer who has given as much as its ratio allows is busy until it receives more", () => {
  const free = 16 * 1024 * 1024;
  const v = viewer("me", { size: 1, limits: { uploadRatio: 2 } });
  v.wants(key(1), 60_000);
  while (v.of("deliver").length === 0) v.pass(100);
  v.tell({ t: "swarm", size: 2 });
  v.tell({ t: "mode", mode: "share", uploadBitsPerSecond: 1_000_000_000 });
  const [peer] = neighbours(v, 1);
  const most = (free + 2 * BYTES) / BLOCK;
  for (let sent = 0; sent < most; sent++) {
    asks(v, peer, sent, sent % BLOCKS, 1);
    v.pass(20);
    drains(v, peer);
  }
  expect(handed(v)).toHaveLength(most);
  asks(v, peer, 10_000, 0, 1);
  expect(v.frames("refuse").map(({ frame }) => frame.reason)).toEqual(["busy"]);

  v.wants(key(2), 60_000);
  while (v.of("deliver").length < 2) v.pass(100);
  asks(v, peer, 10_001, 0, 1);
  expect(handed(v)).toHaveLength(most + 1);
});
