/** Composes one frame of the film: sea, reef, fish from far to near, grass, specks. */
import type { Vector } from "./boids.ts";
import { cycle, FRAME_RATE, HEIGHT, WIDTH } from "./film.ts";
import { paintFish } from "./fish.ts";
import { loopingShoal, type Shoal } from "./loop.ts";
import { paintFarBed, paintNearBed } from "./seabed.ts";
import { paintSnow } from "./snow.ts";
import { paintWater } from "./water.ts";

/** Bytes of one raw frame: red, green, blue, one byte each. */
export const FRAME_BYTES = WIDTH * HEIGHT * 3;

/** The great shoal circles twice in one film, now nearer and now farther. The film starts as it passes close by. */
function greatPath(seconds: number): Vector {
  const round = cycle(seconds + 6, 2);
  const slow = cycle(seconds, 1);
  return [
    (3.7 + 0.5 * Math.sin(slow)) * Math.sin(round),
    0.05 + 0.55 * Math.sin(round * 1.5 + 0.6) + 0.2 * Math.sin(slow),
    11 - (2.9 + 0.5 * Math.cos(slow)) * Math.cos(round),
  ];
}

/** A small shoal far off, going the other way. */
function farPath(seconds: number): Vector {
  const round = cycle(seconds, 1);
  return [-9 * Math.sin(round), 2.6 + 0.9 * Math.sin(round * 2), 24 + 3 * Math.cos(round)];
}

/** A handful that pass close by the eye, out of focus. */
function nearPath(seconds: number): Vector {
  const round = cycle(seconds, 1) + 2.2;
  return [-6.5 * Math.sin(round), -0.5 + 0.5 * Math.sin(round * 2), 6.4 + 2.2 * Math.cos(round * 2)];
}

/** Prepares the film; the function it returns paints one frame (0 to the last) as raw RGB bytes. */
export function prepareFilm(): (frame: number) => Uint8Array {
  const shoals: Shoal[] = [
    loopingShoal({
      count: 115,
      seed: 11,
      lead: greatPath,
      slowest: 0.7,
      fastest: 1.8,
      spacing: 0.8,
      trail: 12,
      spread: [0.6, 1.15, 0.9],
    }),
    loopingShoal({
      count: 44,
      seed: 23,
      lead: farPath,
      slowest: 0.6,
      fastest: 1.6,
      spacing: 0.9,
      trail: 6,
      spread: [1, 1.2, 1],
    }),
    loopingShoal({
      count: 6,
      seed: 37,
      lead: nearPath,
      slowest: 0.5,
      fastest: 1.5,
      spacing: 1.3,
      trail: 4,
      spread: [0.5, 0.8, 0.6],
    }),
  ];
  const water = new Float32Array(FRAME_BYTES);
  const picture = new Float32Array(FRAME_BYTES);
  return (frame) => {
    const seconds = frame / FRAME_RATE;
    paintWater(water, seconds);
    picture.set(water);
    paintFarBed(picture, seconds);
    const fish = shoals.flatMap((shoal) => shoal(frame)).sort((one, other) => other.z - one.z);
    for (const pose of fish) paintFish(picture, water, pose, seconds);
    paintNearBed(picture, seconds);
    paintSnow(picture, seconds);
    return toBytes(picture);
  };
}

/** Rounds to bytes with a fixed fine pattern of thresholds, which hides the steps in smooth gradients. */
function toBytes(picture: Float32Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES);
  for (let y = 0, at = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const threshold = (52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1)) % 1;
      for (let channel = 0; channel < 3; channel += 1, at += 1) {
        const value = picture[at] ?? 0;
        // Bright parts roll off softly instead of clipping.
        const soft = value > 0.8 ? 0.8 + 0.2 * (1 - Math.exp((0.8 - value) / 0.2)) : value;
        bytes[at] = Math.max(0, Math.min(255, Math.floor(soft * 255 + threshold)));
      }
    }
  }
  return bytes;
}
