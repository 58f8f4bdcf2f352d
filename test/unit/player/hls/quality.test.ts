import { expect, test } from "vitest";
import { createQualityWatch, type MediaView, type QualityEvent } from "../../../../player/hls/quality.ts";

/** A video that was asked for at 1000 ms. */
function video() {
  const watch = createQualityWatch(1000);
  let now = 1000;
  const media = { paused: false, seeking: false, ended: false, readyState: 0, currentTime: 0 };
  return {
    read: (at = now) => watch.read(at),
    at: (time: number, event: QualityEvent, over: Partial<typeof media> = {}) => {
      now = time;
      watch.on(event, Object.assign(media, over) as unknown as MediaView, time);
    },
  };
}

/** The same, with a first frame at 1500 ms and playing. */
function playing() {
  const it = video();
  it.at(1500, "loadeddata", { readyState: 4 });
  it.at(1500, "playing");
  return it;
}

test("startup is from the wish to the first frame, also of a video that does not play yet", () => {
  const it = video();
  it.at(1200, "waiting");
  expect(it.read().startupMs).toBeUndefined();
  it.at(1750, "loadeddata", { readyState: 2, paused: true });
  it.at(9000, "playing", { paused: false, readyState: 4 });
  expect(it.read().startupMs).toBe(750);
});

test("a halt that nobody asked for is a stall, once it has lasted 300 ms, and it grows while it lasts", () => {
  const it = playing();
  it.at(3000, "waiting", { readyState: 2, currentTime: 1.5 });
  expect(it.read(3299)).toMatchObject({ stalls: 0, stallMs: 0 });
  expect(it.read(3300)).toMatchObject({ stalls: 1, stallMs: 300, watchMs: 1500 });
  it.at(4000, "playing", { readyState: 4 });
  expect(it.read(5000)).toMatchObject({ stalls: 1, stallMs: 1000, watchMs: 2500 });
});

test("a short halt is none", () => {
  const it = playing();
  it.at(3000, "waiting", { readyState: 2 });
  it.at(3200, "playing", { readyState: 4 });
  expect(it.read(4000)).toMatchObject({ stalls: 0, stallMs: 0 });
});

test("a browser that goes on without saying so is noticed by its playhead", () => {
  const it = playing();
  it.at(3000, "waiting", { readyState: 2, currentTime: 1.5 });
  it.at(3500, "timeupdate", { currentTime: 1.5 });
  expect(it.read(3900)).toMatchObject({ stalls: 1, stallMs: 900 });
  it.at(4000, "timeupdate", { currentTime: 1.6, readyState: 4 });
  expect(it.read(9000)).toMatchObject({ stalls: 1, stallMs: 1000, watchMs: 6500 });
});

test.each<[string, QualityEvent, object]>([
  ["paused", "pause", { paused: true }],
  ["seeking", "seeking", { seeking: true }],
  ["ended", "ended", { ended: true }],
])("a video that is %s does not stall and is not watched", (_, event, state) => {
  const it = playing();
  it.at(2500, event, state);
  it.at(2600, "waiting", { readyState: 1 });
  expect(it.read(9000)).toMatchObject({ stalls: 0, stallMs: 0, watchMs: 1000 });
});

test("a stall ends when the viewer pauses", () => {
  const it = playing();
  it.at(2500, "waiting", { readyState: 2 });
  it.at(3000, "pause", { paused: true });
  expect(it.read(9000)).toMatchObject({ stalls: 1, stallMs: 500 });
});

test("waiting with data at hand is no stall", () => {
  const it = playing();
  it.at(2500, "waiting", { readyState: 3 });
  expect(it.read(9000)).toMatchObject({ stalls: 0 });
});
