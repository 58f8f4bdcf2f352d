import { describe, expect, it } from "vitest";
import { segmentId } from "../../../../player/protocol/index.ts";
import type { Digest } from "../../../../tracker/protocol/index.ts";
import { block, digestsOf, engineHarness, key, SEGMENT_BYTES } from "../../../support/engine-harness.ts";
import { existing } from "../session/fakes.ts";

describe("a viewer that is alone", () => {
  it("buys what hls.js asks for, whole and at once, and hands it out", () => {
    const h = engineHarness();
    h.join({ size: 1 });
    h.wants(key(5), 0, true);
    const [get] = h.of("cdn-get");
    expect(get).toMatchObject({ key: key(5), from: 0, to: undefined });
    if (get !== undefined) h.cdn(get);
    expect(h.of("deliver")[0]?.blocks.map((b) => b.byteLength)).toEqual([65_536, 65_536, 65_536, 1000]);
    expect(h.engine.totals()).toMatchObject({ cdn: SEGMENT_BYTES, peer: 0, played: SEGMENT_BYTES });
    expect(h.engine.totals().cdnReasons.start).toBe(SEGMENT_BYTES);
  });

  it("serves a segment again from its store without the CDN", () => {
    const h = engineHarness();
    h.join({ size: 1 });
    h.wants(key(5), 0);
    for (const get of h.of("cdn-get")) h.cdn(get);
    h.wants(key(5), 0);
    expect(h.of("deliver")).toHaveLength(2);
    expect(h.of("cdn-get")).toHaveLength(1);
  });

  it("takes an answer whose length nobody told", () => {
    const h = engineHarness();
    h.join({ size: 1 });
    h.wants(key(5), 0);
    const get = existing(h.of("cdn-get")[0]);
    const { fetch } = get;
    h.tell({ t: "cdn-opened", fetch, bytes: undefined, from: 0, runsOn: false });
    const [d0, d1] = digestsOf(key(5)) as [Digest, Digest];
    h.cdnBlock(get, 0, d0);
    expect(h.of("deliver")).toHaveLength(0);
    h.cdnBlock(get, 1, d1, new Uint8Array(10));
    h.tell({ t: "cdn-done", fetch, stray: 0 });
    expect(h.of("deliver")[0]?.report.bytes).toBe(65_546);
  });

  it("passes the CDN's failure on to hls.js", () => {
    const h = engineHarness();
    h.join({ size: 1 });
    h.wants(key(5), 0);
    const fetch = h.of("cdn-get")[0]?.fetch ?? 0;
    h.tell({ t: "cdn-failed", fetch, stray: 12, fault: { kind: "http", status: 404 } });
    expect(h.of("fail")).toMatchObject([{ fault: { kind: "http", status: 404 } }]);
    expect(h.engine.totals()).toMatchObject({ cdn: 12, wasted: 12 });
  });
});

describe("a viewer with a neighbour that holds the segment", () => {
  it("takes it from there and leaves the CDN alone", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5));
    h.wants(key(5), 20_000);
    h.knows(key(5));
    h.serves(a);
    expect(h.of("deliver")).toHaveLength(1);
    expect(h.of("cdn-get")).toHaveLength(0);
    expect(h.engine.totals()).toMatchObject({ cdn: 0, peer: SEGMENT_BYTES, relay: 0, played: SEGMENT_BYTES });
    expect(h.of("deliver")[0]?.report.peers.get(a)).toBe(SEGMENT_BYTES);
  });

  it("asks several neighbours for parts of one segment", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    const a = h.peer("a");
    const b = h.peer("b");
    h.offers(a, key(5));
    h.offers(b, key(5));
    h.wants(key(5), 20_000);
    expect(new Set(h.frames("request").map((r) => r.peer))).toEqual(new Set([a, b]));
    const asked = h
      .frames("request")
      .flatMap(({ frame }) => Array.from({ length: frame.count }, (_, i) => frame.from + i));
    expect(asked.sort()).toEqual([0, 1, 2, 3]);
  });

  it("waits with a block until its digest is known, and hands nothing out before", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5));
    h.wants(key(5), 20_000);
    expect(h.of("ask-digests")[0]?.segments).toEqual([segmentId(key(5))]);
    h.serves(a);
    expect(h.of("deliver")).toHaveLength(0);
    expect(h.engine.totals().peer).toBe(0);
    h.knows(key(5));
    expect(h.of("deliver")).toHaveLength(1);
    expect(h.engine.totals().peer).toBe(SEGMENT_BYTES);
  });

  it("lets a neighbour go whose block is other than its digest, and gets the block elsewhere", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    const liar = h.peer("a");
    h.offers(liar, key(5));
    h.wants(key(5), 20_000);
    h.knows(key(5));
    const asked = h.frames("request")[0];
    const rubbish = { t: "block", id: asked?.frame.id ?? 0, index: asked?.frame.from ?? 0, bytes: block(0) } as const;
    const size = asked?.frame.from === 3 ? block(3) : block(0);
    h.says(liar, { ...rubbish, bytes: size }, "x".repeat(22) as Digest);
    expect(h.of("drop")).toEqual([{ t: "drop", peer: liar, reason: "failed-check" }]);
    h.pass(20_000);
    for (const get of h.of("cdn-get")) h.cdn(get);
    expect(h.of("deliver")).toHaveLength(1);
    expect(h.engine.totals().cdnReasons.failedCheck).toBe(SEGMENT_BYTES);
    expect(h.engine.totals().wasted).toBeGreaterThan(0);
  });

  it.each([0, 1, 65_535])("takes a block of %i bytes, where a whole one is due, for a lie", (bytes) => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5), 0, 3);
    h.wants(key(5), 20_000);
    const { id = 0, from = 0 } = h.frames("request")[0]?.frame ?? {};
    h.says(a, { t: "block", id, index: from, bytes: new Uint8Array(bytes) }, digestsOf(key(5))[from]);
    expect(h.of("drop")[0]?.peer).toBe(a);
  });

  it("buys only the tail that is missing when time runs out", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5), 0, 2);
    h.wants(key(5), 8000);
    h.knows(key(5));
    h.serves(a);
    h.pass(8000);
    expect(h.of("cdn-get")).toMatchObject([{ from: 2 * 65_536, to: undefined }]);
    for (const get of h.of("cdn-get")) h.cdn(get);
    const { cdn, peer, cdnReasons, wasted } = h.engine.totals();
    expect({ cdn, peer, wasted }).toEqual({ cdn: 65_536 + 1000, peer: 2 * 65_536, wasted: 0 });
    expect(cdnReasons.tooLate).toBe(cdn);
    expect(h.of("deliver")).toHaveLength(1);
  });

  it("counts what an origin without Range sends again, and keeps the deadline", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5), 0, 2);
    h.wants(key(5), 8000);
    h.knows(key(5));
    h.serves(a);
    h.pass(8000);
    for (const get of h.of("cdn-get")) h.cdn(get, SEGMENT_BYTES, 0);
    expect(h.of("deliver")).toHaveLength(1);
    expect(h.engine.totals()).toMatchObject({ cdn: SEGMENT_BYTES, wasted: 2 * 65_536 });
  });

  it("asks somebody else when a neighbour falls silent", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    const a = h.peer("a");
    h.offers(a, key(5));
    h.wants(key(5), 60_000);
    const b = h.peer("b");
    h.offers(b, key(5));
    h.pass(5000);
    expect(h.frames("cancel").map((c) => c.peer)).toContain(a);
    expect(h.frames("request").map((r) => r.peer)).toContain(b);
  });

  it("gets the rest elsewhere when a neighbour vanishes in the middle", () => {
    const h = engineHarness();
    h.join({ size: 3 });
    const a = h.peer("a");
    h.offers(a, key(5));
    h.wants(key(5), 60_000);
    h.knows(key(5));
    const { id = 0, from = 0 } = h.frames("request")[0]?.frame ?? {};
    h.says(a, { t: "block", id, index: from, bytes: block(from) }, digestsOf(key(5))[from]);
    h.tell({ t: "peer-closed", peer: a });
    const b = h.peer("b", "direct", [key(5)]);
    h.serves(b);
    expect(h.of("deliver")[0]?.report.peers.get(a)).toBe(from === 3 ? 1000 : 65_536);
    expect(h.of("cdn-get")).toHaveLength(0);
  });

  it("rests a busy neighbour and believes one that no longer holds the segment", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5));
    h.wants(key(5), 60_000);
    h.says(a, { t: "refuse", id: h.frames("request")[0]?.frame.id ?? 0, reason: "busy" });
    expect(h.frames("request")).toHaveLength(1);
    h.pass(1000);
    const again = h.frames("request")[1];
    expect(again?.peer).toBe(a);
    h.says(a, { t: "refuse", id: again?.frame.id ?? 0, reason: "not-held" });
    h.pass(5000);
    expect(h.frames("request")).toHaveLength(2);
  });

  it("trusts nobody's copy once viewers disagree", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5));
    h.wants(key(5), 60_000);
    h.serves(a);
    h.tell({ t: "digests", segment: segmentId(key(5)), verdict: "conflict" });
    for (const get of h.of("cdn-get")) h.cdn(get);
    expect(h.engine.totals()).toMatchObject({ peer: 0, cdn: SEGMENT_BYTES });
    expect(h.engine.totals().cdnReasons.failedCheck).toBe(SEGMENT_BYTES);
  });

  it("a digest that comes late says nothing of a block that has come anew since", () => {
    const h = engineHarness();
    h.join();
    h.peer("a");
    const buy = () => {
      h.wants(key(5), 0);
      const get = existing(h.of("cdn-get").at(-1));
      h.tell({ t: "cdn-opened", fetch: get.fetch, bytes: SEGMENT_BYTES, from: 0, runsOn: false });
      h.tell({ t: "cdn-block", fetch: get.fetch, index: 0, bytes: block(0) });
      return get;
    };
    const digestFrom = (fetch: number, hash: string): void => {
      h.tell({ t: "cdn-digest", fetch, segment: segmentId(key(5)), index: 0, digest: hash.repeat(22) as Digest });
      h.pass(500);
    };
    const old = buy();
    h.tell({ t: "cdn-failed", fetch: old.fetch, stray: 0, fault: { kind: "changed" } });
    const fresh = buy();
    digestFrom(old.fetch, "o");
    expect(h.of("publish-digests")).toEqual([]);
    digestFrom(fresh.fetch, "n");
    expect(h.of("publish-digests").map(({ digests }) => digests)).toEqual([["n".repeat(22)]]);
  });

  it("never joins neighbours' blocks to a CDN copy that contradicts their digests", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5), 0, 2);
    h.wants(key(5), 8000);
    h.knows(key(5));
    h.serves(a);
    h.pass(8000);
    const get = existing(h.of("cdn-get")[0]);
    const { fetch } = get;
    const other = "y".repeat(22) as Digest;
    h.tell({ t: "cdn-opened", fetch, bytes: SEGMENT_BYTES, from: 2 * 65_536, runsOn: false });
    for (const index of [2, 3]) h.tell({ t: "cdn-block", fetch, index, bytes: block(index) });
    expect(h.of("deliver")).toHaveLength(0);
    for (const index of [2, 3]) h.tell({ t: "cdn-digest", fetch, segment: segmentId(key(5)), index, digest: other });
    h.tell({ t: "cdn-done", fetch, stray: 0 });
    expect(h.of("deliver")).toHaveLength(0);
    h.pass(1000);
    expect(h.of("cdn-get").at(-1)).toMatchObject({ from: 0, to: 2 * 65_536 });
  });

  it("tells relayed bytes apart", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a", "own-relay");
    h.offers(a, key(5));
    h.wants(key(5), 60_000);
    h.knows(key(5));
    h.serves(a);
    expect(h.engine.totals()).toMatchObject({ peer: 0, relay: SEGMENT_BYTES });
  });

  it("does not pester hls.js with a CDN failure while the neighbour delivers", () => {
    const h = engineHarness();
    h.join();
    const a = h.peer("a");
    h.offers(a, key(5), 0, 1);
    h.wants(key(5), 4000);
    h.knows(key(5));
    h.serves(a);
    h.pass(2500);
    const fetch = h.of("cdn-get")[0]?.fetch ?? 0;
    h.tell({ t: "cdn-failed", fetch, stray: 0, fault: { kind: "http", status: 503 } });
    expect(h.of("fail")).toHaveLength(0);
    h.offers(a, key(5));
    h.serves(a);
    expect(h.of("deliver")).toHaveLength(1);
  });
});

describe("what hls.js gives up", () => {
  it("stops the transfer and counts what had come", () => {
    const h = engineHarness();
    h.join({ size: 1 });
    const request = h.wants(key(5), 0);
    const fetch = h.of("cdn-get")[0]?.fetch ?? 0;
    h.tell({ t: "cdn-opened", fetch, bytes: SEGMENT_BYTES, from: 0, runsOn: false });
    h.tell({ t: "abandon", request });
    expect(h.of("cdn-abort")).toEqual([{ t: "cdn-abort", fetch }]);
    h.tell({ t: "cdn-aborted", fetch, stray: 700 });
    expect(h.engine.totals()).toMatchObject({ cdn: 700, wasted: 700 });
    h.pass(10_000);
    expect(h.of("deliver")).toHaveLength(0);
  });
});
