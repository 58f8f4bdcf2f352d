import { expect, test } from "vitest";
import { bufferedAhead, deadlineOf, fragmentAt } from "../../../../player/hls/playhead.ts";
import type { MediaView } from "../../../../player/hls/quality.ts";

const ranges = (...pairs: [number, number][]): TimeRanges => ({
  length: pairs.length,
  start: (i) => pairs[i]?.[0] ?? Number.NaN,
  end: (i) => pairs[i]?.[1] ?? Number.NaN,
});
const media = (currentTime: number, playbackRate: number, ...pairs: [number, number][]): MediaView =>
  ({ currentTime, playbackRate, buffered: ranges(...pairs) }) as MediaView;

test.each<[number, [number, number][], number]>([
  [10, [], 0],
  [10, [[0, 12]], 2],
  [
    10,
    [
      [0, 12],
      [12.1, 20],
    ],
    10,
  ],
  [
    10,
    [
      [0, 12],
      [13, 20],
    ],
    2,
  ],
  [10, [[10.1, 14]], 4],
  [10, [[11, 14]], 0],
  [
    10,
    [
      [0, 5],
      [8, 10.5],
    ],
    0.5,
  ],
])("at %d s with %j buffered, %d s lie ahead", (time, pairs, ahead) => {
  expect(bufferedAhead(media(time, 1, ...pairs))).toBeCloseTo(ahead);
});

test("a fragment is needed when the playhead reaches it, sooner at a higher rate and where it takes long to buffer", () => {
  expect(deadlineOf(20, media(10, 1, [0, 20]), 1000, 0)).toBe(11_000);
  expect(deadlineOf(20, media(10, 2, [0, 20]), 1000, 0)).toBe(6000);
  expect(deadlineOf(20, media(10, 0, [0, 20]), 1000, 0)).toBe(11_000);
  expect(deadlineOf(20, media(10, 1, [0, 20]), 1000, 300)).toBe(10_700);
  expect(deadlineOf(20, media(10, 2, [0, 20]), 1000, 300)).toBe(5700);
});

test("one of which a moment is buffered is needed where the buffer ends", () => {
  expect(deadlineOf(20, media(10, 1, [0, 20.25]), 1000, 300)).toBe(10_950);
});

test("one that replaces what is buffered is needed so long before the buffer ends that the next one can be buffered as well", () => {
  expect(deadlineOf(12, media(10, 1, [0, 18]), 1000, 0)).toBe(9000);
  expect(deadlineOf(12, media(10, 1, [0, 18]), 1000, 300)).toBe(8400);
  expect(deadlineOf(10, media(10, 1, [10, 11]), 1000, 600)).toBe(1000);
});

test("one behind the playhead is needed at once", () => {
  expect(deadlineOf(8, media(10, 1), 1000, 300)).toBe(1000);
  expect(deadlineOf(8, undefined, 1000, 300)).toBe(1000);
});

test("the fragment under the playhead is found, over a small hole too", () => {
  const fragments = [
    { sn: 5, start: 20, end: 24 },
    { sn: 6, start: 24.1, end: 28 },
  ];
  expect(fragmentAt(fragments, 20)).toBe(5);
  expect(fragmentAt(fragments, 24.05)).toBe(6);
  expect(fragmentAt(fragments, 27.9)).toBe(6);
  expect(fragmentAt(fragments, 28)).toBeUndefined();
  expect(fragmentAt(fragments, 2)).toBeUndefined();
});
