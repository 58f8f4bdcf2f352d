import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readChoice } from "../../../infra/demo/choice.ts";
import { emptyHistory, ratesOf, SEGMENTS_SHOWN, withSegment, withStats } from "../../../infra/demo/history.ts";
import { troubleOf } from "../../../infra/demo/trouble.ts";
import type { SegmentEvent } from "../../../player/embed/api.ts";
import { nameOf } from "../../../player/overlay/names.ts";
import { aloneWords, nearWords, segmentWords, statusWords } from "../../../player/overlay/words.ts";

const segment: SegmentEvent = {
  ...{ rendition: "v.720.1500000.avc", msn: 1234, bytes: 486_000, cdnBytes: 0, peerBytes: 486_000, relayBytes: 0 },
  ...{ peers: ["a", "b"], reason: undefined, tookMs: 140 },
};
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("which stream the address asks for", () => {
  it.each([
    ["http://demo.example/", "live", "http://demo.example/demo/live/master.m3u8"],
    ["http://demo.example/?stream=vod", "vod", "http://demo.example/demo/vod/master.m3u8"],
    ["http://demo.example/?stream=other", "live", "http://demo.example/demo/live/master.m3u8"],
    ["http://demo.example/?src=https://cdn.example/a.m3u8", "own", "https://cdn.example/a.m3u8"],
    ["http://demo.example/?src=/my/a.m3u8&stream=vod", "own", "http://demo.example/my/a.m3u8"],
    ["http://demo.example/?src=javascript:alert(1)", "live", "http://demo.example/demo/live/master.m3u8"],
    ["http://demo.example/?src=http://%5B", "live", "http://demo.example/demo/live/master.m3u8"],
  ])("%s", (page, kind, url) => {
    expect(readChoice(page)).toEqual({ kind, url });
  });
});

describe("a segment's story", () => {
  it.each([
    [{}, "#1234 720p · 486 kB · from 2 neighbours in 140 ms"],
    [{ peers: ["a"] }, `#1234 720p · 486 kB · from ${nameOf("a")} in 140 ms`],
    [{ tookMs: 0 }, "#1234 720p · 486 kB · from 2 neighbours before it was needed"],
    [{ rendition: "s.main" }, "#1234 s.main · 486 kB · from 2 neighbours in 140 ms"],
    [
      { cdnBytes: 486_000, peerBytes: 0, peers: [], reason: "duty" as const },
      "#1234 720p · 486 kB · from the CDN: bought once for everyone",
    ],
    [
      { cdnBytes: 189_540, peerBytes: 296_460, reason: "tooLate" as const },
      "#1234 720p · 486 kB · 61 % from 2 neighbours, the rest from the CDN: peers were too slow",
    ],
    [{ peerBytes: 0, relayBytes: 486_000 }, "#1234 720p · 486 kB · from 2 neighbours through TURN in 140 ms"],
  ])("%#", (change, words) => {
    expect(plain(segmentWords({ ...segment, ...change }))).toBe(words);
  });
});

describe("the tracker in words", () => {
  it("says where the video comes from when the tracker is away", () => {
    expect(statusWords({ caution: "none", tracker: "down", peers: 0, swarmSize: 1 }, "")).toBe(
      "Tracker unreachable: playing from the CDN, trying again",
    );
    expect(statusWords({ caution: "none", tracker: "down", peers: 2, swarmSize: 3 }, "")).toContain(
      "the CDN and the neighbours it has",
    );
    expect(
      statusWords({ caution: "none", tracker: "refused", peers: 0, swarmSize: 0 }, "origin not allowed"),
    ).toContain("origin not allowed");
  });

  it("invites to a second window only who is alone", () => {
    expect(aloneWords({ caution: "none", tracker: "up", peers: 0, swarmSize: 1 })).toContain("second window");
    expect(aloneWords({ caution: "none", tracker: "up", peers: 0, swarmSize: 3 })).toContain("2 other viewers");
    expect(aloneWords({ caution: "none", tracker: "down", peers: 0, swarmSize: 1 })).toContain("tracker");
  });

  it("says that it went without neighbours for a while, and when it shares more carefully", () => {
    const swarm = { tracker: "up", peers: 3, swarmSize: 9 } as const;
    expect(statusWords({ ...swarm, caution: "wary" }, "")).toBe("Sharing carefully with 3 neighbours");
    expect(statusWords({ ...swarm, caution: "off", peers: 0 }, "")).toContain("playing from the CDN for a few minutes");
    expect(aloneWords({ ...swarm, caution: "off", peers: 0 })).toContain("does without them");
    expect(statusWords({ ...swarm, tracker: "off", caution: "off" }, "")).toContain("Peer delivery is off");
  });

  it("tells how near a neighbour is", () => {
    const peer = { id: "a", near: "lan" as const, relayed: false, receivedBytes: 0, sentBytes: 0, responseMs: 14 };
    expect(plain(nearWords(peer))).toBe("same network · 14 ms");
    expect(nearWords({ ...peer, near: "far", relayed: true, responseMs: undefined })).toBe("far · through TURN");
  });
});

describe("history", () => {
  const stats = (cdnBytes: number) => ({ cdnBytes, peerBytes: 2 * cdnBytes, relayBytes: 0, uploadBytes: 0 });

  it("measures rates over the last seconds only", () => {
    let history = withStats(emptyHistory, stats(0), 0);
    expect(ratesOf(history).cdnBytes).toBe(0);
    history = withStats(history, stats(1_000_000), 8_000);
    expect(ratesOf(history)).toMatchObject({ cdnBytes: 1_000_000, peerBytes: 2_000_000 });
    history = withStats(history, stats(1_000_000), 60_000);
    history = withStats(history, stats(1_000_000), 64_000);
    expect(ratesOf(history).cdnBytes).toBe(0);
  });

  it("keeps the newest segments, each with a number of its own", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 80, size: "max" }), (msns) => {
        const history = msns.reduce((so, msn) => withSegment(so, { ...segment, msn }), emptyHistory);
        expect(history.segments.map(({ msn }) => msn)).toEqual(msns.slice(-SEGMENTS_SHOWN));
        expect(history.segments.at(-1)?.nth ?? 0).toBe(msns.length);
      }),
    );
  });
});

describe("trouble", () => {
  it("names who was asked and what was answered", () => {
    const failure = { type: "networkError", details: "manifestLoadError", response: { code: 404 } };
    const { title, text } = troubleOf(failure, "https://cdn.example/a.m3u8");
    expect(title).toBe("The playlist cannot be loaded");
    expect(text).toBe("Asked cdn.example for it, and it answered 404.");
  });
});
