import Hls, { LoadStats } from "hls.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FillReport } from "../../../../player/engine/types.ts";
import { firstByteAt, timesOf } from "../../../../player/hls/abr-accounting.ts";
import { silenceAbr } from "../../../../player/hls/abr-silence.ts";
import { reportOf } from "../session/fakes.ts";
import { type FakeHls, fakeHls, finish, fragment } from "./fake-hls.ts";

const SEGMENT_BYTES = 650_000;
const PARSE_MS = 15;

/** Plays a segment with this report through the real AbrController, as the loader hands it out. */
function play(hls: FakeHls, silence: ReturnType<typeof silenceAbr>, report: FillReport, over = {}): void {
  const frag = fragment(over);
  const estimate = { bitsPerSecond: hls.bandwidthEstimate, firstByteMs: hls.ttfbEstimate };
  const { measured, ...loading } = timesOf(report, performance.now() + 60_000, estimate);
  frag.stats = Object.assign(new LoadStats(), { loading, loaded: report.bytes, total: report.bytes });
  if (!measured) silence.hush(frag.stats, frag.bitrateTest);
  finish(hls, frag, PARSE_MS);
  expect(frag.stats.aborted).toBe(false);
}

/** A CDN transfer at this rate, as the engine measures it. */
const bought = (bytes: number, bitsPerSecond: number, over: Partial<FillReport> = {}): FillReport => {
  const firstByteMs = 40;
  const ms = firstByteMs + (bytes * 8000) / bitsPerSecond;
  return reportOf(bytes, { cdnBytes: bytes, peerBytes: 0, cdnTransfer: { bytes, ms, firstByteMs }, ...over });
};

const setUp = () => {
  const hls = fakeHls();
  return { hls, silence: silenceAbr(hls) };
};

test("a segment from the CDN counts as what the CDN did, wherever it waited before", () => {
  const { hls, silence } = setUp();
  for (let i = 0; i < 10; i++) play(hls, silence, bought(SEGMENT_BYTES, 8_000_000, { tookMs: 30_000 }));
  expect(hls.bandwidthEstimate).toBeGreaterThan(7_500_000);
  expect(hls.bandwidthEstimate).toBeLessThan(8_000_000);
  expect(hls.ttfbEstimate).toBeCloseTo(40, 0);
});

test("a mixed segment counts with the rate of its CDN part, not with how fast or slow neighbours were", () => {
  const { hls, silence } = setUp();
  const tail = {
    ...bought(200_000, 8_000_000),
    bytes: SEGMENT_BYTES,
    peerBytes: SEGMENT_BYTES - 200_000,
    tookMs: 25_000,
  };
  for (let i = 0; i < 10; i++) play(hls, silence, tail);
  expect(hls.bandwidthEstimate).toBeGreaterThan(7_500_000);
  expect(hls.bandwidthEstimate).toBeLessThan(8_000_000);
});

test("segments from neighbours leave the estimate exactly where it is, and what follows finds it unchanged", () => {
  const { hls: mixed, silence } = setUp();
  const { hls: plain, silence: silenceOfPlain } = setUp();
  const weather = [8, 8, 2, 2, 1, 9, 9, 20, 3].map((mbit) => bought(SEGMENT_BYTES, mbit * 1_000_000));
  for (const [hls, quiet] of [
    [mixed, silence],
    [plain, silenceOfPlain],
  ] as const) {
    play(hls, quiet, bought(SEGMENT_BYTES, 6_000_000));
  }
  for (const report of weather) {
    for (let i = 0; i < 20; i++) {
      const before = mixed.bandwidthEstimate;
      play(mixed, silence, reportOf(SEGMENT_BYTES));
      expect(mixed.bandwidthEstimate).toBe(before);
    }
    play(mixed, silence, report);
    play(plain, silenceOfPlain, report);
    expect(mixed.bandwidthEstimate).toBeCloseTo(plain.bandwidthEstimate, 3);
  }
  expect(mixed.ttfbEstimate).toBeCloseTo(plain.ttfbEstimate, 6);
});

test("before anything was measured, neighbours do not make hls.js believe it was", () => {
  const { hls, silence } = setUp();
  for (let i = 0; i < 5; i++) play(hls, silence, reportOf(SEGMENT_BYTES));
  expect(hls.abr.bwEstimator.canEstimate()).toBe(false);
  play(hls, silence, reportOf(SEGMENT_BYTES), { bitrateTest: true });
  expect(hls.abr.bwEstimator.canEstimate()).toBe(false);
  play(hls, silence, bought(100_000, 4_000_000), { bitrateTest: true });
  expect(hls.abr.bwEstimator.canEstimate()).toBe(true);
});

test("a scrap from the CDN tells nothing of the rate, unless it is the whole segment", () => {
  const estimate = { bitsPerSecond: 5_000_000, firstByteMs: 80 };
  const scrap = { bytes: 20_000, ms: 41, firstByteMs: 40 };
  expect(timesOf(reportOf(600_000, { cdnBytes: 20_000, cdnTransfer: scrap }), 9000, estimate).measured).toBe(false);
  expect(timesOf(reportOf(20_000, { cdnBytes: 20_000, cdnTransfer: scrap }), 9000, estimate).measured).toBe(true);
});

test("times never run backwards, also with no estimate at all", () => {
  for (const bitsPerSecond of [Number.NaN, 0, Number.POSITIVE_INFINITY, 1e6]) {
    const { start, first, end } = timesOf(reportOf(1000), 9000, { bitsPerSecond, firstByteMs: Number.NaN });
    expect(start).toBeLessThanOrEqual(first);
    expect(first).toBeLessThanOrEqual(end);
  }
});

test("listeners are taken off again", () => {
  const hls = fakeHls();
  const { FRAG_PARSED } = Hls.Events;
  silenceAbr(hls).stop();
  expect((hls as unknown as { listenerCount: (event: string) => number }).listenerCount(FRAG_PARSED)).toBe(0);
});

// ---- the emergency switch-down --------------------------------------------------------------------------------------

beforeEach(() => vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Three levels; the highest is being loaded, with so many seconds in the buffer, on a network measured at 8 Mbit/s. */
function loading(bufferedSeconds: number) {
  vi.stubGlobal("self", globalThis);
  // What hls.js needs to weigh levels against each other.
  vi.stubGlobal("navigator", {});
  const level = (bitrate: number) => ({ bitrate, maxBitrate: bitrate, averageBitrate: bitrate, details: {} });
  const hls = fakeHls({
    levels: [level(150_000), level(300_000), level(1_300_000)],
    maxAutoLevel: 2,
    loadLevel: 2,
    media: { paused: false, playbackRate: 1, readyState: 4 },
    mainForwardBufferInfo: { len: bufferedSeconds },
  });
  hls.abr.bwEstimator.sample(2000, 2_000_000);
  const frag = fragment({ level: 2 });
  const state = { held: 0, cdn: undefined as { openedAt: number; bytes: number } | undefined };
  const start = performance.now();
  const { stats } = frag;
  stats.loading = {
    start,
    end: 0,
    get first() {
      const estimate = { bitsPerSecond: hls.bandwidthEstimate, firstByteMs: hls.ttfbEstimate };
      return firstByteAt(performance.now(), start, stats.loaded, state.cdn, estimate);
    },
  };
  hls.trigger(Hls.Events.FRAG_LOADING, { frag } as never);
  let switched = false;
  hls.on(Hls.Events.FRAG_LOAD_EMERGENCY_ABORTED, () => {
    switched = true;
  });
  return {
    /** Lets time pass while bytes come: from neighbours, and from the CDN once it has opened. */
    pass: (ms: number, peerBytesPerMs: number, cdnBytesPerMs?: number) => {
      for (let t = 0; t < ms; t += 50) {
        vi.advanceTimersByTime(50);
        const info = hls as unknown as { mainForwardBufferInfo: { len: number } };
        info.mainForwardBufferInfo = { len: Math.max(0, info.mainForwardBufferInfo.len - 0.05) };
        if (cdnBytesPerMs !== undefined) {
          state.cdn ??= { openedAt: performance.now(), bytes: 0 };
          state.cdn.bytes += cdnBytesPerMs * 50;
        }
        state.held += 50 * (peerBytesPerMs + (cdnBytesPerMs ?? 0));
        stats.loaded = Math.min(SEGMENT_BYTES - 1, Math.round(state.held));
      }
    },
    switched: () => switched,
    stop: () => hls.abr.destroy(),
  };
}

test("waiting for a neighbour with a comfortable buffer does not switch down", () => {
  const { pass, switched, stop } = loading(20);
  pass(16_000, 0);
  expect(switched()).toBe(false);
  stop();
});

test("slow neighbours do not switch down while the CDN would still be in time", () => {
  const { pass, switched, stop } = loading(20);
  pass(16_000, 10);
  expect(switched()).toBe(false);
  stop();
});

test("a CDN that turns out to be slow does", () => {
  const { pass, switched, stop } = loading(6);
  pass(2500, 0, 25);
  expect(switched()).toBe(true);
  stop();
});

test("a CDN that is fast enough does not, although the segment waited long before", () => {
  const { pass, switched, stop } = loading(20);
  pass(16_000, 5);
  pass(700, 0, 800);
  expect(switched()).toBe(false);
  stop();
});
