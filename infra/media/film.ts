/** What every part of the sample film agrees on. Lengths are in pixels, times in seconds, fish sizes in scene units. */

/** Width of the painted picture, in pixels. */
export const WIDTH = 1280;
/** Height of the painted picture, in pixels. */
export const HEIGHT = 720;
/** Frames per second. */
export const FRAME_RATE = 25;
/** Length of one segment, in seconds; also the distance between key frames. */
export const SEGMENT_SECONDS = 4;
/** Number of segments in the film. */
export const SEGMENT_COUNT = 15;
/** Length of the film, in seconds. Everything that moves or sounds repeats after this time, so the film loops. */
export const FILM_SECONDS = SEGMENT_SECONDS * SEGMENT_COUNT;
/** Number of frames in the film. */
export const FRAME_COUNT = FILM_SECONDS * FRAME_RATE;
/** Audio samples per second and channel. */
export const SAMPLE_RATE = 48_000;

/** Distance from the eye to the picture plane, in pixels: a horizontal field of view of 60 degrees. */
export const FOCAL_LENGTH = WIDTH / 2 / Math.tan(Math.PI / 6);

/** The phase, in radians, of something that goes round `turns` times (a whole number) in one film. */
export function cycle(seconds: number, turns: number): number {
  return (2 * Math.PI * turns * seconds) / FILM_SECONDS;
}

/** Limits `value` to the range `low` to `high`. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The point at `share` (0 to 1) of the way from `from` to `to`. */
export function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** Rises smoothly from 0 at `low` to 1 at `high`, flat at both ends. */
export function smoothstep(low: number, high: number, value: number): number {
  const share = clamp((value - low) / (high - low), 0, 1);
  return share * share * (3 - 2 * share);
}

/** A seeded source of numbers from 0 (included) to 1 (excluded): the film comes out the same each time it is made. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // A Weyl sequence, scrambled by two rounds of xor-shift and multiply.
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
