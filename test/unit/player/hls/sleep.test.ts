import { expect, test } from "vitest";
import { createQualityWatch, type MediaView } from "../../../../player/hls/quality.ts";

const media = { paused: false, seeking: false, ended: false, readyState: 4, currentTime: 0 } as unknown as MediaView;

/** A video that plays from 0 to 10 s, speaking four times a second. */
function played() {
  const watch = createQualityWatch(0);
  watch.on("playing", media, 0);
  for (let ms = 250; ms <= 10_000; ms += 250) {
    watch.on("timeupdate", { ...media, currentTime: ms / 1000 }, ms);
  }
  return watch;
}

test.each([60_000, 8 * 3_600_000])(
  "a sleep of %i ms is not watched, whatever the video says first when it wakes up",
  (ms) => {
    const [paused, goesOn] = [played(), played()];
    paused.on("pause", { ...media, paused: true, currentTime: 10.1 }, 10_000 + ms);
    expect(paused.read(10_000 + ms + 20_000).watchMs).toBeLessThanOrEqual(15_000);
    goesOn.on("timeupdate", { ...media, currentTime: 10.1 }, 10_000 + ms);
    goesOn.on("timeupdate", { ...media, currentTime: 11.1 }, 11_000 + ms);
    expect(goesOn.read(11_000 + ms).watchMs).toBeLessThanOrEqual(16_000);
  },
);

test("what was watched never becomes less, also when it is read in the middle of a sleep", () => {
  const watch = played();
  let before = 0;
  for (const at of [12_000, 14_999, 15_000, 15_001, 100_000]) {
    const { watchMs } = watch.read(at);
    expect(watchMs).toBeGreaterThanOrEqual(before);
    before = watchMs;
  }
  watch.on("timeupdate", { ...media, currentTime: 10.1 }, 100_000);
  expect(watch.read(100_000).watchMs).toBe(before);
});
