import { describe, expect, it } from "vitest";
import { PEER_LIMITS, segmentId } from "../../../../player/protocol/index.ts";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { block, digest, engineHarness, HD, key, peerId, SEGMENT_BYTES } from "../../../support/engine-harness.ts";
import { existing } from "../session/fakes.ts";

/** A viewer that holds segment `msn`, bought from the CDN. */
function holder(msn = 5, limits = {}) {
  const h = engineHarness(limits);
  h.join({ size: 3 });
  h.pass(3000);
  h.wants(key(msn), 0);
  for (const get of h.of("cdn-get")) h.cdn(get);
  return h;
}

describe("serving others", () => {
  it("tells a new neighbour what it holds", () => {
    const h = holder();
    h.peer("a");
    expect(h.frames("map").at(-1)?.frame.entries).toEqual([{ key: key(5), bytes: SEGMENT_BYTES, blocks: "all" }]);
  });

  it("answers a request with its blocks, no more at a time than the link takes", () => {
    const h = holder();
    const a = h.peer("a");
    h.says(a, { t: "request", id: 7, key: key(5), from: 0, count: 4 });
    expect(h.frames("block").map((b) => b.frame.index)).toEqual([0, 1]);
    h.tell({ t: "writable", peer: a });
    expect(h.frames("block").map((b) => [b.frame.id, b.frame.index])).toEqual([
      [7, 0],
      [7, 1],
      [7, 2],
      [7, 3],
    ]);
    expect(h.engine.totals().uploaded).toBe(SEGMENT_BYTES);
  });

  it("keeps to the upload cap", () => {
    const h = holder();
    const a = h.peer("a");
    const b = h.peer("b");
    h.tell({ t: "mode", mode: "share", uploadBitsPerSecond: 8 * 65_536 });
    h.pass(1000);
    for (let second = 0; second < 3; second++) {
      h.says(a, { t: "request", id: second, key: key(5), from: 0, count: 3 });
      h.says(b, { t: "request", id: second, key: key(5), from: 0, count: 3 });
      h.pass(1000);
      h.tell({ t: "writable", peer: a });
      h.tell({ t: "writable", peer: b });
    }
    const sent = h.frames("block").length;
    expect(sent).toBeGreaterThanOrEqual(4);
    expect(sent).toBeLessThanOrEqual(6);
  });

  it("answers every request: not held, not sharing, too many", () => {
    const h = holder();
    const a = h.peer("a");
    h.says(a, { t: "request", id: 1, key: key(9), from: 0, count: 1 });
    h.says(a, { t: "request", id: 2, key: key(5), from: 3, count: 2 });
    for (let id = 10; id < 30; id++) h.says(a, { t: "request", id, key: key(5), from: 0, count: 4 });
    h.tell({ t: "mode", mode: "receive", uploadBitsPerSecond: 0 });
    h.says(a, { t: "request", id: 3, key: key(5), from: 0, count: 1 });
    const refusals = new Map(h.frames("refuse").map(({ frame }) => [frame.id, frame.reason]));
    expect(refusals.get(1)).toBe("not-held");
    expect(refusals.get(2)).toBe("not-held");
    expect(refusals.get(29)).toBe("busy");
    expect(refusals.get(3)).toBe("not-sharing");
  });

  it("stops what the neighbour cancels", () => {
    const h = holder();
    const a = h.peer("a");
    h.says(a, { t: "request", id: 7, key: key(5), from: 0, count: 4 });
    h.says(a, { t: "cancel", id: 7 });
    h.tell({ t: "writable", peer: a });
    expect(h.frames("block")).toHaveLength(2);
  });

  it("passes blocks on while the segment is still coming in", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.wants(key(5), 0);
    const get = existing(h.of("cdn-get")[0]);
    const { fetch } = get;
    expect(h.frames("buying").map((f) => f.peer)).toEqual([a]);
    h.tell({ t: "cdn-opened", fetch, bytes: SEGMENT_BYTES, from: 0, runsOn: false });
    h.cdnBlock(get, 0, digest(segmentId(key(5)), 0));
    h.pass(200);
    expect(h.frames("have")[0]?.frame).toMatchObject({ from: 0, count: 1, bytes: SEGMENT_BYTES });
    expect(h.of("publish-digests")).toMatchObject([{ from: 0, bytes: SEGMENT_BYTES }]);
    h.says(a, { t: "request", id: 1, key: key(5), from: 0, count: 1 });
    expect(h.frames("block")[0]?.frame.index).toBe(0);
    expect(h.of("deliver")).toHaveLength(0);
  });

  it("tells each neighbour what it may lack, and in one word when the segment is whole", () => {
    const h = engineHarness();
    h.join();
    const names = new Map(["has", "lacks", "otherSize"].map((name) => [h.peer(name), name]));
    const [has, , other] = [...names.keys()] as [PeerId, PeerId, PeerId];
    h.wants(key(5), 0);
    const get = existing(h.of("cdn-get")[0]);
    const { fetch } = get;
    h.tell({ t: "cdn-opened", fetch, bytes: SEGMENT_BYTES, from: 0, runsOn: false });
    h.offers(has, key(5), 0, 2);
    h.offers(other, key(5), 0, 2, SEGMENT_BYTES + 1);
    const told = (): string[] =>
      h.frames("have").map(({ peer, frame }) => `${names.get(peer)} ${frame.from}+${frame.count}`);
    const bring = (index: number): void => {
      h.cdnBlock(get, index, digest(segmentId(key(5)), index));
      h.pass(200);
    };
    bring(0);
    expect(told()).toEqual(["lacks 0+1", "otherSize 0+1"]);
    bring(1);
    bring(2);
    expect(told().slice(4)).toEqual(["has 2+1", "lacks 2+1", "otherSize 2+1"]);
    bring(3);
    expect(told().slice(7)).toEqual(["has 0+4", "lacks 0+4", "otherSize 0+4"]);
  });

  it("gives nothing and announces nothing when it only receives", () => {
    const h = engineHarness();
    h.join();
    h.tell({ t: "mode", mode: "receive", uploadBitsPerSecond: 0 });
    h.peer("a");
    h.wants(key(5), 0);
    for (const get of h.of("cdn-get")) h.cdn(get);
    h.pass(1000);
    expect(h.frames("hello")[0]?.frame.upload).toBe("receive");
    expect([...h.frames("have"), ...h.frames("map"), ...h.frames("buying")]).toEqual([]);
  });
});

describe("neighbours that misbehave", () => {
  it("lets one go that sends what nobody asked for", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    for (let id = 900; id < 903; id++)
      h.says(a, { t: "block", id, index: 0, bytes: block(0) }, digest(segmentId(key(5)), 0));
    expect(h.of("drop")).toEqual([{ t: "drop", peer: a, reason: "flood" }]);
    expect(h.engine.totals()).toMatchObject({ peer: 0, wasted: 3 * 65_536 });
  });

  it.each([
    ["bad-frame", 1],
    ["flood", 3],
    ["bad-version", 1],
  ] as const)("does not take one back within five minutes whom it let go for %s", (reason, offences) => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    const offend = {
      "bad-frame": () => h.tell({ t: "bad-frame", peer: a }),
      flood: () => h.says(a, { t: "block", id: 900, index: 0, bytes: block(0) }, digest(segmentId(key(5)), 0)),
      "bad-version": () => h.says(a, { t: "hello", version: 3, upload: "share", ageMs: 0 }),
    }[reason];
    for (let i = 0; i < offences; i++) offend();
    h.tell({ t: "peer-closed", peer: a });
    h.pass(299_000);
    h.peer("a");
    expect(h.of("drop").map((drop) => drop.reason)).toEqual([reason, "shunned"]);
    expect(h.engine.neighbours()).toEqual([]);
    h.tell({ t: "peer-closed", peer: a });
    h.pass(2000);
    h.peer("a");
    expect(h.engine.neighbours()).toHaveLength(1);
  });

  it("takes one back that it let go for another reason", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.tell({ t: "mode", mode: "off", uploadBitsPerSecond: 0 });
    h.tell({ t: "peer-closed", peer: a });
    h.tell({ t: "mode", mode: "share", uploadBitsPerSecond: 1e6 });
    h.peer("a");
    expect(h.engine.neighbours()).toHaveLength(1);
  });

  it("lets late blocks of a cancelled request pass", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5));
    const request = h.wants(key(5), 60_000);
    h.knows(key(5));
    h.tell({ t: "playhead", rendition: HD, msn: 50, bufferedMs: 0, goalMs: 30_000 });
    h.tell({ t: "abandon", request });
    expect(h.frames("cancel").length).toBeGreaterThan(0);
    h.serves(a);
    expect(h.of("drop")).toHaveLength(0);
    expect(h.engine.totals().peer).toBe(0);
  });

  it("lets one of another protocol version go", () => {
    const h = engineHarness();
    h.join();
    const peer = peerId("old");
    h.tell({ t: "peer-open", peer, near: "far", path: "direct" });
    h.says(peer, { t: "hello", version: 99, upload: "share", ageMs: 0 });
    expect(h.of("drop")).toEqual([{ t: "drop", peer, reason: "bad-version" }]);
  });

  it("is not led astray by a lie about the size", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    const liar = h.peer("liar");
    h.offers(liar, key(5), 0, 900, 58_000_000);
    const honest = h.peer("b", "direct", [key(5)]);
    h.wants(key(5), 20_000);
    h.knows(key(5));
    h.serves(honest);
    expect(h.of("deliver")[0]?.report.bytes).toBe(SEGMENT_BYTES);
  });

  it("goes on with the CDN when one says it is buying and never does", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.says(a, { t: "buying", key: key(5) });
    h.wants(key(5), 10_000);
    h.pass(10_000);
    expect(h.of("cdn-get")).toHaveLength(1);
  });
});

describe("a neighbour that fell silent", () => {
  /** A viewer that asked one of two neighbours, who hold the same, for a segment, and hears nothing of it any more. */
  function unanswered() {
    const h = engineHarness();
    h.join();
    const [a, b] = [h.peer("a", "direct", [key(5)]), h.peer("b")];
    h.wants(key(5), 20_000);
    h.knows(key(5));
    expect(h.frames("request").map(({ peer }) => peer)).toEqual([a]);
    h.offers(b, key(5));
    h.tell({ t: "peer-silent", peer: a, silent: true });
    return { h, a, b };
  }

  it("is not waited for: another is asked at once", () => {
    const { h, a, b } = unanswered();
    expect(h.frames("cancel").map(({ peer }) => peer)).toEqual([a]);
    h.serves(b);
    expect(h.of("deliver")).toHaveLength(1);
  });

  it("is asked again once it is heard", () => {
    const { h, a } = unanswered();
    const asked = () => h.frames("request").filter(({ peer }) => peer === a).length;
    // The other is asked for no more at one time, and something is left.
    expect(asked()).toBe(1);
    h.tell({ t: "peer-silent", peer: a, silent: false });
    expect(asked()).toBe(2);
  });

  it("is no reason to hope, whatever it said that it holds or buys", () => {
    const h = engineHarness();
    h.join({ live: true });
    const a = h.peer("a", "direct", [key(99)]);
    h.says(a, { t: "buying", key: key(99) });
    h.tell({ t: "peer-silent", peer: a, silent: true });
    h.pass(2000);
    h.wants(key(99), 8000);
    expect(h.of("cdn-get")).toHaveLength(1);
  });
});

describe("filling ahead", () => {
  it("takes from neighbours what will soon be played, and never asks the CDN for it", () => {
    const h = engineHarness();
    h.join();
    h.tell({ t: "playhead", rendition: HD, msn: 5, bufferedMs: 8000, goalMs: 30_000 });
    h.wants(key(7), 8000);
    const a = h.peer("a", "direct", [key(7), key(8), key(9), key(90)]);
    for (const msn of [7, 8, 9]) h.knows(key(msn));
    h.serves(a);
    h.pass(60_000);
    expect(h.of("cdn-get")).toHaveLength(0);
    const asked = new Set(h.frames("request").map((r) => r.frame.key.msn));
    expect(asked).toEqual(new Set([7, 8, 9]));
    h.wants(key(8), 4000);
    expect(h.of("deliver")).toHaveLength(2);
  });

  it("goes on once the store is full of what was played, and takes three quarters of it at most", () => {
    const h = engineHarness({ storeBytes: 8 * SEGMENT_BYTES });
    h.join();
    const held = Array.from({ length: 40 }, (_, msn) => key(msn));
    const a = h.peer("a", "direct", held);
    for (let msn = 1; msn <= 20; msn++) {
      h.tell({ t: "playhead", rendition: HD, msn, bufferedMs: 4000, goalMs: 30_000 });
      h.wants(key(msn + 1), 4000);
      for (const k of held) h.knows(k);
      while (h.serves(a) > 0);
    }
    h.pass(10_000);
    expect(h.of("cdn-get")).toHaveLength(0);
    expect(Math.max(...h.frames("request").map((r) => r.frame.key.msn))).toBe(26);
  });
});

describe("the store", () => {
  it("stays within its limit, lets what was played go first, and says so", () => {
    const h = engineHarness({ storeBytes: 5 * SEGMENT_BYTES });
    h.join({ size: 3 });
    h.pass(3000);
    h.peer("a");
    for (let msn = 1; msn <= 20; msn++) {
      h.tell({ t: "playhead", rendition: HD, msn, bufferedMs: 4000, goalMs: 30_000 });
      h.wants(key(msn), 0);
      for (const get of h.of("cdn-get").slice(-1)) h.cdn(get);
      expect(h.engine.storedBytes()).toBeLessThanOrEqual(5 * SEGMENT_BYTES);
    }
    expect(h.of("deliver")).toHaveLength(20);
    expect(h.frames("lost").map((l) => l.frame.key.msn)).toEqual(expect.arrayContaining([1, 2, 3]));
    expect(h.frames("lost").map((l) => l.frame.key.msn)).not.toContain(20);
  });
});

describe("switched off", () => {
  it("lets everybody go and buys by policy", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a", "direct", [key(5)]);
    h.tell({ t: "mode", mode: "off", uploadBitsPerSecond: 0 });
    expect(h.of("drop")).toEqual([{ t: "drop", peer: a, reason: "mode-off" }]);
    h.wants(key(5), 60_000);
    for (const get of h.of("cdn-get")) h.cdn(get);
    expect(h.engine.totals().cdnReasons.policy).toBe(SEGMENT_BYTES);
  });
});

it("asks for neighbours while it has too few of those there are", () => {
  const h = engineHarness();
  h.join({ size: 10 });
  h.pass(20_000);
  expect(h.of("more-neighbours")[0]).toEqual({ t: "more-neighbours", reason: "alone", have: 0 });
  expect(h.of("more-neighbours").length).toBeLessThanOrEqual(4);
});

it("remembers no more of a neighbour than it must", () => {
  const h = engineHarness();
  h.join();
  const a = h.peer("a");
  for (let msn = 0; msn < 5000; msn++) h.offers(a, key(msn), 0, 1);
  for (let msn = 0; msn < 100; msn++) h.says(a, { t: "buying", key: key(msn) });
  expect(PEER_LIMITS.mapEntries).toBeLessThan(5000);
  h.pass(1000);
});
