import Hls, { type LevelDetails } from "hls.js";
import { expect, test } from "vitest";
import type { EngineEvent } from "../../../../player/engine/types.ts";
import { watchPlayback } from "../../../../player/hls/playback.ts";
import { renditionId } from "../../../../player/protocol/index.ts";
import { manualClock } from "../session/fakes.ts";
import { fakeHls } from "./fake-hls.ts";

/** A video element of which only what Shoal looks at exists. */
function fakeVideo() {
  const buffered = { length: 1, start: () => 0, end: () => 40 };
  const state = {
    paused: false,
    seeking: false,
    ended: false,
    readyState: 0,
    currentTime: 0,
    playbackRate: 1,
    buffered,
  };
  return Object.assign(new EventTarget(), state);
}

function setUp() {
  const clock = manualClock();
  const hls = fakeHls();
  const video = fakeVideo();
  const told: EngineEvent[] = [];
  let starts = 0;
  let seeks = 0;
  let overloads = 0;
  const fragments = [0, 1, 2].map((i) => ({ sn: 100 + i, start: i * 10, end: i * 10 + 10 }));
  const main = { rendition: renditionId("v"), details: { fragments } as unknown as LevelDetails };
  const playback = watchPlayback({
    hls,
    now: clock.now,
    playlists: { main: () => main },
    tell: (event) => told.push(event),
    onStarted: () => {
      starts++;
    },
    onSeeking: () => {
      seeks++;
    },
    onOverload: () => {
      overloads++;
    },
  });
  hls.trigger(Hls.Events.MEDIA_ATTACHED, { media: video } as never);
  const say = (event: string, over = {}) => {
    Object.assign(video, over);
    video.dispatchEvent(new Event(event));
  };
  return {
    clock,
    hls,
    video,
    told,
    playback,
    say,
    starts: () => starts,
    seeks: () => seeks,
    overloads: () => overloads,
  };
}

test("the playhead is told at most four times a second while it moves on, and at once when the viewer moves it", () => {
  const { say, told, clock, seeks } = setUp();
  for (let i = 0; i < 20; i++) {
    say("timeupdate", { readyState: 4, currentTime: 2 + i * 0.05 });
    clock.advance(50);
  }
  expect(told).toHaveLength(4);
  expect(told[0]).toEqual({ t: "playhead", rendition: "v", msn: 100, bufferedMs: 38_000, goalMs: 30_000 });
  say("seeking", { currentTime: 15 });
  say("ratechange", { playbackRate: 2 });
  expect(told.slice(4)).toEqual([
    { t: "playhead", rendition: "v", msn: 101, bufferedMs: 25_000, goalMs: 30_000 },
    { t: "playhead", rendition: "v", msn: 101, bufferedMs: 12_500, goalMs: 15_000 },
  ]);
  expect(seeks()).toBe(1);
});

test("where nothing is shown there is no playhead to tell of", () => {
  const { say, told } = setUp();
  say("timeupdate", { readyState: 1, currentTime: 0 });
  say("timeupdate", { readyState: 4, currentTime: 500 });
  expect(told).toEqual([]);
});

test("the first frame is told once; a new stream has one of its own", () => {
  const { say, starts, playback, clock } = setUp();
  clock.advance(700);
  say("loadeddata", { readyState: 4 });
  say("playing");
  expect(starts()).toBe(1);
  expect(playback.quality().startupMs).toBe(700);
  playback.restart();
  expect(playback.quality().startupMs).toBeUndefined();
  say("playing");
  expect(starts()).toBe(2);
});

test("before the first frame fragments are needed as they lie after the first one asked for, then after the playhead", () => {
  const { playback, clock, say } = setUp();
  const now = clock.now();
  // A live stream begins anywhere on its timeline.
  expect(playback.whenNeeded(500)).toEqual({ deadline: now, start: true });
  expect(playback.whenNeeded(504)).toEqual({ deadline: now + 4000, start: true });
  say("loadeddata");
  expect(playback.whenNeeded(504).start).toBe(true);
});

test("before the first frame a fragment whose place is buffered already, in another quality, is needed where the buffer ends", () => {
  const { playback, clock, hls, video } = setUp();
  expect(playback.whenNeeded(20).deadline).toBe(clock.now());
  Object.assign(hls, { media: video });
  const buffered = { length: 1, start: () => 20, end: () => 24 };
  Object.assign(video, { buffered });
  expect(playback.whenNeeded(20)).toEqual({ deadline: clock.now() + 4000, start: true });
});

test("what takes long to get into the buffer is needed so much sooner, and after a quick one half as much", () => {
  const { playback, clock, hls } = setUp();
  const buffered = (ms: number) =>
    hls.trigger(Hls.Events.FRAG_BUFFERED, {
      frag: { stats: { aborted: true } },
      stats: { loading: { end: clock.now() - ms } },
    } as never);
  const lead = () => clock.now() + 8000 - playback.whenNeeded(8).deadline;
  playback.whenNeeded(0);
  expect(lead()).toBe(0);
  const leads = [400, 30, 30, 60_000].map((ms) => {
    buffered(ms);
    return lead();
  });
  expect(leads).toEqual([400, 200, 100, 2000]);
});

test("who seeks before the first frame needs at once what lies there", () => {
  const { playback, clock, say } = setUp();
  playback.whenNeeded(0);
  say("seeking", { currentTime: 500 });
  expect(playback.whenNeeded(498)).toEqual({ deadline: clock.now(), start: true });
  expect(playback.whenNeeded(502)).toEqual({ deadline: clock.now() + 2000, start: true });
});

test("after the first frame the deadline follows the playhead", () => {
  const { playback, clock, hls, say, video } = setUp();
  Object.assign(hls, { media: video });
  say("loadeddata", { readyState: 4, currentTime: 20 });
  expect(playback.whenNeeded(45)).toEqual({ deadline: clock.now() + 25_000, start: false });
});

test("a detached video is not listened to any more, and neither is one after the end", () => {
  const { hls, say, told, playback } = setUp();
  hls.trigger(Hls.Events.MEDIA_DETACHING, {});
  say("seeking", { readyState: 4 });
  hls.trigger(Hls.Events.MEDIA_ATTACHED, { media: fakeVideo() } as never);
  playback.stop();
  say("seeking");
  expect(told).toEqual([]);
});

test.each([
  ["with plenty in hand is the device's fault", { end: 40 }, 700, 1],
  ["for want of a segment is not", { end: 20.4 }, 700, 0],
  ["that is too short to be seen is none", { end: 40 }, 200, 0],
  ["that a viewer asked for is none", { end: 40, paused: true }, 700, 0],
] as const)("a halt %s", (_, { end, ...how }, ms, overloads) => {
  const { say, clock, overloads: told } = setUp();
  say("loadeddata", { readyState: 4, currentTime: 20, buffered: { length: 1, start: () => 0, end: () => end } });
  say("playing");
  clock.advance(1000);
  say("waiting", { readyState: 2, ...how });
  clock.advance(ms);
  expect(told()).toBe(0);
  say("playing", { readyState: 4 });
  expect(told()).toBe(overloads);
});
