import Hls, { LoadStats } from "hls.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attachToHls } from "../../../../player/hls/attach.ts";
import type { SegmentKey } from "../../../../player/protocol/index.ts";
import type { SessionCore } from "../../../../player/session/session.ts";
import { manualClock } from "../session/fakes.ts";
import { finish, fragment } from "./fake-hls.ts";
import { BITRATES, details, FIRST, HIGH, LAST, LOW, levelOf, MIDDLE, type Setting, watching } from "./level-viewer.ts";

const { Events } = Hls;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  // What hls.js needs to weigh levels against each other.
  vi.stubGlobal("self", globalThis);
  vi.stubGlobal("navigator", {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("by itself hls.js would stay where it is", () => {
  const { load } = watching({ holders: () => 0 });
  for (let i = 0; i < 5; i++) expect(load()).toBe(MIDDLE);
});

test("the better of two levels within reach is loaded when two neighbours hold what comes next", () => {
  const { load, asked } = watching();
  expect(load(MIDDLE)).toBe(MIDDLE);
  expect(asked.map(([{ bitrate }, msn]) => [bitrate, msn])).toEqual([
    [BITRATES[HIGH], 116],
    [BITRATES[HIGH], 117],
  ]);
  expect(load()).toBe(HIGH);
});

test("what hls.js was lifted to, it keeps by itself, without neighbours too", () => {
  const { load, neighboursLeave } = watching();
  load(MIDDLE);
  neighboursLeave();
  for (let i = 0; i < 10; i++) expect(load()).toBe(HIGH);
});

test.each<[string, Setting]>([
  ["only one neighbour holds it", { holders: () => 1 }],
  ["they hold the next segment, and not the one after it", { holders: (msn) => (msn === 116 ? 2 : 0) }],
  ["it is out of reach", { estimate: 1_100_000 }],
  ["its peaks are", { estimate: 1_250_000, high: { maxBitrate: 1_300_000 } }],
  ["the buffer is short", { bufferedSeconds: 7.9 }],
  ["the page has set a level", { hls: { autoLevelEnabled: false } }],
  ["the level is capped", { hls: { maxAutoLevel: MIDDLE } }],
  ["it failed before", { high: { loadError: 1, loadErrorTime: Number.POSITIVE_INFINITY } }],
  ["it is of another codec", { high: { codecSet: "hvc1" } }],
  ["its segments are numbered otherwise", { high: { details: details({ startSN: FIRST + 1 }) } }],
])("hls.js goes its own way when %s", (_, setting) => {
  const { load } = watching(setting);
  load(MIDDLE);
  expect(load()).toBe(MIDDLE);
});

test("hls.js goes its own way when an error or the page has named the next level", () => {
  const { hls, load } = watching();
  hls.on(Events.FRAG_LOADED, () => {
    hls.nextAutoLevel = LOW;
  });
  load(MIDDLE);
  expect(load()).toBe(LOW);
});

test("no film goes on after its last segment: nothing is asked for there", () => {
  const { load, at, hls, asked } = watching();
  at(LAST);
  load(MIDDLE);
  expect(asked).toEqual([]);
  expect(hls.nextAutoLevel).toBe(MIDDLE);
});

test("at the edge of a live stream those count who hold the newest", () => {
  const live = details({ live: true, endSN: 120 });
  const { load, at, hls, asked } = watching({
    hls: { levels: BITRATES.map((rate) => levelOf(rate, { details: live })) },
  });
  at(120);
  load(MIDDLE);
  expect(asked.map(([, msn]) => msn)).toEqual([119, 120]);
  expect(hls.nextAutoLevel).toBe(HIGH);
});

test("hls.js has the last word where the fragment just loaded came slowly", () => {
  const { load, hls } = watching();
  load(MIDDLE, 1_000_000);
  expect(hls.nextAutoLevel).toBe(MIDDLE);
});

test("sound is no reason for another picture", () => {
  const { hls, asked, load } = watching();
  finish(hls, fragment({ type: "audio", level: MIDDLE, sn: 115 }), 0);
  expect(asked).toEqual([]);
  load(MIDDLE);
  hls.trigger(Events.FRAG_LOADING, { frag: fragment({ type: "audio", level: LOW }) } as never);
  expect(hls.nextAutoLevel).toBe(HIGH);
});

test("an emergency finds its way down while the preferred level is loaded, and the level is left alone for a while", () => {
  const { hls, load } = watching({ bufferedSeconds: 9 });
  load(MIDDLE);
  const slow = fragment({ level: HIGH, sn: 116 });
  slow.stats = Object.assign(new LoadStats(), { loading: { start: performance.now(), first: 0, end: 0 } });
  Object.assign(hls, { loadLevel: HIGH });
  hls.trigger(Events.FRAG_LOADING, { frag: slow } as never);
  slow.stats.loading.first = performance.now() + 40;
  slow.stats.loaded = 60_000;
  let switched = 0;
  hls.on(Events.FRAG_LOAD_EMERGENCY_ABORTED, () => {
    switched++;
  });
  vi.advanceTimersByTime(4000);
  expect(switched).toBe(1);
  expect(load()).toBe(LOW);
  for (let i = 0; i < 10; i++) expect(load()).toBeLessThan(HIGH);
});

test("after a step down hls.js goes its own way for ten fragments", () => {
  const { load } = watching();
  load(HIGH);
  load(MIDDLE);
  for (let i = 0; i < 10; i++) expect(load()).toBe(MIDDLE);
  expect(load()).toBe(HIGH);
});

test("a level that the page sets ends the preference, also for the time after it", () => {
  const { hls, load } = watching();
  load(MIDDLE);
  Object.assign(hls, { autoLevelEnabled: false });
  load(LOW);
  Object.assign(hls, { autoLevelEnabled: true });
  for (let i = 0; i < 30; i++) hls.abr.bwEstimator.sample(4000, (300_000 * 4) / 8);
  expect(load()).toBe(LOW);
});

test("a seek to where nothing is buffered finds the level that hls.js would begin with", () => {
  const { hls, load, onSeeking } = watching();
  load(MIDDLE);
  expect(hls.nextAutoLevel).toBe(HIGH);
  Object.assign(hls, { mainForwardBufferInfo: { len: 0 } });
  onSeeking();
  expect(hls.nextAutoLevel).toBe(MIDDLE);
  onSeeking();
  expect(load()).toBe(MIDDLE);
});

test("that level is lower where segments are long", () => {
  const long = details({ targetduration: 16, averagetargetduration: 16 });
  const { hls, load, onSeeking } = watching({
    bufferedSeconds: 40,
    hls: { levels: BITRATES.map((bitrate) => levelOf(bitrate, { details: long })) },
  });
  load(MIDDLE);
  expect(hls.nextAutoLevel).toBe(HIGH);
  Object.assign(hls, { mainForwardBufferInfo: { len: 0 } });
  onSeeking();
  expect(load()).toBe(LOW);
});

test("a cap that comes between is kept", () => {
  const { hls, load } = watching();
  load(MIDDLE);
  Object.assign(hls, { maxAutoLevel: MIDDLE });
  hls.trigger(Events.MAX_AUTO_LEVEL_UPDATED, { levels: hls.levels } as never);
  expect(load()).toBe(MIDDLE);
});

test("a seek without a preference leaves hls.js alone", () => {
  const { hls, onSeeking } = watching();
  const before = hls.nextAutoLevel;
  onSeeking();
  Object.assign(hls, { mainForwardBufferInfo: { len: 30 } });
  for (let i = 0; i < 30; i++) hls.abr.bwEstimator.sample(4000, 4_000_000);
  expect(hls.nextAutoLevel).toBeGreaterThan(before);
});

test("neighbours are looked for by what a level is called among them, while no number means two segments", () => {
  const attrs = (bandwidth: number) => ({ attrs: { BANDWIDTH: String(bandwidth) }, uri: "https://cdn.example/x.m3u8" });
  const levels = BITRATES.map((bitrate) => levelOf(bitrate, { ...attrs(bitrate), details: undefined }));
  const { hls, load, at } = watching({ hls: { levels }, holders: () => 0 });
  const asked: SegmentKey[] = [];
  const core = {
    offers: (key: SegmentKey) => {
      asked.push(key);
      return 0;
    },
    playback: () => undefined,
    sourcesFrom: () => undefined,
  };
  const nothing = (): void => undefined;
  const hooks = { onStream: nothing, onStreamEnd: nothing, onStarted: nothing, onGone: nothing };
  attachToHls(hls, { clock: manualClock(), session: () => core as unknown as SessionCore, ...hooks });
  const follow = (endSN: number): void => {
    const list = details({
      live: true,
      startSN: endSN - 20,
      endSN,
      url: `https://cdn.example/${endSN}`,
      fragments: [],
    });
    Object.assign(levels[MIDDLE] ?? {}, { details: list });
    hls.trigger(Events.LEVEL_LOADED, { details: list, level: MIDDLE, stats: new LoadStats() } as never);
  };
  follow(200);
  // Before the first frame, what comes after three fragments counts as ahead.
  at(150);
  for (let i = 0; i < 4; i++) load(MIDDLE);
  expect(asked[0]).toEqual({ rendition: "v.0.1000000.none", msn: 153 });

  follow(180);
  asked.length = 0;
  load(MIDDLE);
  expect(asked).toEqual([]);
});
