import { describe, expect, it } from "vitest";
import type { CdnFault } from "../../../../player/engine/types.ts";
import { PEER_PROTOCOL_VERSION } from "../../../../player/protocol/index.ts";
import { HD, key } from "../../../support/engine-harness.ts";
import { BLOCKS, cdnOf, neighbours, viewer } from "./rig.ts";

/** What hls.js is sure to buffer by default, and how long before its deadline it asks for a segment at the most, or nearly so. */
const GOAL_MS = 30_000;
const AHEAD_MS = 28_000;
/** What is kept in hand of that, by whoever does not come first in the order of buyers; who does buys so much sooner. */
const IN_HAND_MS = 12_000;
const LEAD_MS = 1000;

type Watching = NonNullable<Parameters<typeof viewer>[1]>;

/** A viewer that has played the first segment from the CDN, ahead of its neighbours. */
function ahead(options: Watching = {}, others = 2) {
  const v = viewer("me", options);
  if (others > 0) neighbours(v, others);
  v.wants(key(1), 10_000, true);
  v.pass(5000);
  v.tell({ t: "playhead", rendition: HD, msn: 1, bufferedMs: 4000, goalMs: GOAL_MS });
  expect(v.of("deliver")).toHaveLength(1);
  return v;
}

/** How long until the CDN is asked for a segment that playback needs in so many milliseconds. */
function waits(v: ReturnType<typeof viewer>, msn: number, inMs: number): number {
  const since = v.now();
  v.wants(key(msn), inMs);
  while (v.bought(key(msn)).length === 0 && v.now() - since < inMs) v.pass(10);
  return v.now() - since;
}

describe("a viewer on demand that is ahead of its neighbours", () => {
  it("buys no further ahead than it needs to be safe", () => {
    const wait = waits(ahead(), 2, AHEAD_MS);
    expect(wait).toBeGreaterThanOrEqual(AHEAD_MS - IN_HAND_MS - LEAD_MS);
    expect(wait).toBeLessThan(AHEAD_MS - IN_HAND_MS + 100);
  });

  it("keeps more in hand the more viewers share what is bought for nobody", () => {
    const v = ahead();
    v.tell({ t: "swarm", size: 16 });
    const wait = waits(v, 2, AHEAD_MS);
    expect(wait).toBeGreaterThanOrEqual(AHEAD_MS - 16 * 1500 - LEAD_MS);
    expect(wait).toBeLessThan(AHEAD_MS - 16 * 1500 + 100);
  });

  it("buys sooner where somebody near passes nothing on and may be further ahead", () => {
    const v = ahead();
    const phone = v.peer("phone");
    v.says(phone, { t: "hello", version: PEER_PROTOCOL_VERSION, upload: "receive", ageMs: 0 });
    expect(waits(v, 2, AHEAD_MS)).toBeLessThan(AHEAD_MS - IN_HAND_MS - LEAD_MS - 1000);
  });

  it("leaves nothing to others with less than that in hand", () => {
    const v = ahead();
    for (const { peer } of v.engine.neighbours()) v.says(peer, { t: "position", rendition: HD, asked: 2, uplink: 20 });
    // Who passes nothing on comes after both of them, at half a segment each.
    v.tell({ t: "mode", mode: "receive", uploadBitsPerSecond: 0 });
    expect(waits(v, 2, IN_HAND_MS + 1000)).toBeLessThan(1100);
    v.pass(1000);
    // Where there never was so much, it waits for its turn.
    expect(waits(v, 3, IN_HAND_MS - 1000)).toBeGreaterThan(3900);
  });

  it("keeps more in hand where the page wants more in the buffer", () => {
    const v = ahead();
    v.tell({ t: "playhead", rendition: HD, msn: 1, bufferedMs: 50_000, goalMs: 60_000 });
    expect(waits(v, 2, 58_000)).toBeLessThan(58_000 - 24_000 + 100);
  });

  it("does not wait when it is alone, when the stream is live, or when the CDN takes its time", () => {
    expect(waits(ahead({}, 0), 2, AHEAD_MS)).toBeLessThan(100);
    expect(waits(ahead({ live: true }), 2, AHEAD_MS)).toBeLessThan(5000);
    expect(waits(ahead({ cdn: cdnOf(800) }), 2, AHEAD_MS)).toBeLessThan(100);
  });

  it("leaves nothing to others in vain by that", () => {
    const v = ahead();
    for (const msn of [2, 3, 4, 5]) {
      waits(v, msn, 14_000);
      v.pass(2000);
    }
    v.tell({ t: "playlist", rendition: HD, live: true, first: 0, last: 99, segmentMs: 4000 });
    v.tell({ t: "swarm", size: 10_000 });
    expect(waits(v, 6, 14_000)).toBeGreaterThan(1000);
  });
});

describe("a viewer on demand that is behind its neighbours", () => {
  /** How long before its deadline a segment of which a neighbour holds one half is completed, wished for so long before it. */
  function completes(inMs: number, options: Watching = {}): number {
    const v = viewer("me", options);
    const [peer] = neighbours(v, 1);
    v.wants(key(1), 10_000, true);
    v.pass(5000);
    v.tell({ t: "playhead", rendition: HD, msn: 1, bufferedMs: 4000, goalMs: GOAL_MS });
    v.offers(peer, key(2), 0, BLOCKS / 2);
    v.knows(key(2));
    const deadline = v.now() + inMs;
    v.wants(key(2), inMs);
    while (v.bought(key(2)).length === 0 && v.now() < deadline) {
      v.serves(peer);
      v.pass(20);
    }
    return deadline - v.now();
  }

  it("buys what they lack while it still has a reserve, so that it lives through a CDN that is out for a while", () => {
    expect(completes(AHEAD_MS)).toBeGreaterThan(7900);
    expect(completes(AHEAD_MS)).toBeLessThan(8100);
  });

  it("waits to the last for neighbours where there never was such a reserve, and live", () => {
    expect(completes(10_000)).toBeLessThan(4000);
    expect(completes(AHEAD_MS, { live: true })).toBeLessThan(4000);
  });
});

describe("a CDN that fails such a viewer", () => {
  /** Fails what is asked of it until hls.js is told, and tells when it was asked, in milliseconds before the deadline. */
  const fails = (fault: CdnFault): { asked: number[]; told: number } => {
    const v = ahead();
    const deadline = v.now() + AHEAD_MS;
    v.wants(key(2), AHEAD_MS);
    const asked: number[] = [];
    while (v.of("fail").length === 0 && v.now() < deadline) {
      const get = v.of("cdn-get")[asked.length + 1];
      if (get === undefined) v.pass(10);
      else {
        asked.push(deadline - v.now());
        v.tell({ t: "cdn-failed", fetch: get.fetch, stray: 0, fault });
      }
    }
    return { asked, told: deadline - v.now() };
  };

  it("is tried again, ever sooner, before hls.js is told, with time left to help itself", () => {
    const { asked, told } = fails({ kind: "http", status: 503 });
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(16);
    const gaps = asked.slice(1).map((at, i) => (asked[i] ?? 0) - at);
    expect(Math.max(...gaps)).toBeLessThan(2500);
    expect(told).toBeGreaterThan(2000);
    expect(told).toBeLessThan(3100);
  });

  it("is not asked again for what it does not have", () => {
    const { asked, told } = fails({ kind: "http", status: 404 });
    expect(asked).toHaveLength(1);
    expect(told).toBeGreaterThan(IN_HAND_MS - 200);
  });

  it("is asked as early as hls.js wishes for some minutes", () => {
    const v = ahead();
    waits(v, 2, 14_000);
    const get = v.of("cdn-get")[1];
    if (get !== undefined) v.tell({ t: "cdn-failed", fetch: get.fetch, stray: 0, fault: { kind: "timeout" } });
    v.pass(5000);
    expect(waits(v, 3, AHEAD_MS)).toBeLessThan(100);
    v.pass(300_000);
    expect(waits(v, 4, AHEAD_MS)).toBeGreaterThan(10_000);
  });
});
