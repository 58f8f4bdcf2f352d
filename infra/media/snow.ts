/** Drifting specks that catch the light. They glow: their light is added to the picture. */
import { clamp, cycle, FILM_SECONDS, HEIGHT, seededRandom, smoothstep, WIDTH } from "./film.ts";
import type { Picture } from "./raster.ts";

const COUNT = 85;
const EDGE = 24;

const random = seededRandom(2024);
const specks = Array.from({ length: COUNT }, () => {
  const near = random() ** 3;
  return {
    x: random(),
    y: random(),
    near,
    /** Crossings of the whole width and height in one film: whole numbers, so that the film loops. */
    acrossTurns: 1,
    downTurns: near > 0.35 ? 1 : 0,
    sway: 8 + random() * 22,
    phase: random() * 2 * Math.PI,
    turns: 3 + Math.floor(random() * 5),
  };
});

/** Adds the specks to the picture at a time of the film. */
export function paintSnow(picture: Picture, seconds: number): void {
  const share = seconds / FILM_SECONDS;
  for (const speck of specks) {
    const across = (speck.x + share * speck.acrossTurns) % 1;
    const down = (speck.y + share * speck.downTurns) % 1;
    const x = across * (WIDTH + 2 * EDGE) - EDGE + speck.sway * Math.sin(speck.phase + cycle(seconds, speck.turns));
    const y =
      down * (HEIGHT + 2 * EDGE) - EDGE + speck.sway * 0.6 * Math.cos(speck.phase + cycle(seconds, speck.turns));
    const radius = 1.5 + speck.near * 8;
    const light = (0.3 - speck.near * 0.2) * (1 - 0.75 * smoothstep(0.1, 0.95, y / HEIGHT));
    glow(picture, x, y, radius, light * (0.75 + 0.25 * Math.sin(speck.phase * 3 + cycle(seconds, speck.turns * 2))));
  }
}

/** Adds a round soft glow. */
function glow(picture: Picture, x: number, y: number, radius: number, light: number): void {
  for (let py = Math.max(0, Math.ceil(y - radius)); py <= Math.min(HEIGHT - 1, y + radius); py += 1) {
    for (let px = Math.max(0, Math.ceil(x - radius)); px <= Math.min(WIDTH - 1, x + radius); px += 1) {
      const fall = clamp(1 - ((px - x) ** 2 + (py - y) ** 2) / (radius * radius), 0, 1) ** 2 * light;
      const at = (py * WIDTH + px) * 3;
      picture[at] = (picture[at] ?? 0) + fall * 0.7;
      picture[at + 1] = (picture[at + 1] ?? 0) + fall;
      picture[at + 2] = (picture[at + 2] ?? 0) + fall * 0.92;
    }
  }
}
