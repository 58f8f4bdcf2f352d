/** The empty sea: deep water, the bright surface from below, and shafts of light. */
import { clamp, cycle, HEIGHT, mix, seededRandom, smoothstep, WIDTH } from "./film.ts";
import type { Picture } from "./raster.ts";

/** The water has no sharp edges, so it is worked out on every fourth pixel and stretched. */
const GRAIN = 4;
const COLUMNS = WIDTH / GRAIN + 1;
const ROWS = HEIGHT / GRAIN + 1;

/** Where the sun stands, as shares of the picture's width and height: just above the frame, left of the middle. */
const SUN_X = 0.36;
const SUN_Y = -0.22;

/** Water colours from the surface down: depth (share of the height), red, green, blue. */
const DEPTHS = [
  [0, 0.1, 0.55, 0.62],
  [0.25, 0.045, 0.4, 0.5],
  [0.55, 0.016, 0.245, 0.35],
  [0.8, 0.008, 0.145, 0.235],
  [1, 0.005, 0.085, 0.155],
] as const;

const random = seededRandom(77);
/** Shafts of light are a sum of waves around the sun; each wave drifts a whole number of turns in one film. */
const SHAFTS = Array.from({ length: 14 }, (_, at) => ({
  per: 5 + at * 3.6 + random() * 2,
  turns: Math.round((random() < 0.5 ? -1 : 1) * (2 + random() * 5)),
  phase: random() * 2 * Math.PI,
  size: 1 / (1 + at * 0.16),
}));

const grid = new Float32Array(COLUMNS * ROWS * 3);

/** Paints the empty sea at a time of the film over the whole picture. */
export function paintWater(picture: Picture, seconds: number): void {
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      paintGridPoint(column / (COLUMNS - 1), row / (ROWS - 1), seconds, (row * COLUMNS + column) * 3);
    }
  }
  stretch(picture);
}

function paintGridPoint(x: number, y: number, seconds: number, at: number): void {
  const wide = (x - SUN_X) * 1.78;
  const down = y - SUN_Y;
  const distance = Math.hypot(wide, down);
  const [red, green, blue] = waterColour(y);
  const glow = Math.exp(-((distance / 0.48) ** 2)) * 0.55 + Math.exp(-((distance / 1.05) ** 2)) * 0.25;
  const shaft = shaftLight(Math.atan2(wide, down), seconds) * Math.exp(-y * 1.9) * Math.exp(-Math.abs(wide) * 0.75);
  const surface = surfaceLight(x, y, seconds);
  const bright = glow + shaft * 0.42 + surface * 0.5;
  const corner = 1 - 0.34 * smoothstep(0.45, 1.2, Math.hypot((x - 0.5) * 1.5, (y - 0.42) * 1.2));
  grid[at] = (red + bright * 0.42) * corner;
  grid[at + 1] = (green + bright * 0.62) * corner;
  grid[at + 2] = (blue + bright * 0.54) * corner;
}

function waterColour(y: number): [number, number, number] {
  for (let layer = 1; layer < DEPTHS.length; layer += 1) {
    const above = DEPTHS[layer - 1];
    const below = DEPTHS[layer];
    if (above === undefined || below === undefined || y > below[0]) continue;
    const share = smoothstep(above[0], below[0], y) * 0.5 + ((y - above[0]) / (below[0] - above[0])) * 0.5;
    return [mix(above[1], below[1], share), mix(above[2], below[2], share), mix(above[3], below[3], share)];
  }
  return [0, 0, 0];
}

function shaftLight(angle: number, seconds: number): number {
  let sum = 0;
  let whole = 0;
  for (const wave of SHAFTS) {
    sum += wave.size * Math.sin(angle * wave.per + wave.phase + cycle(seconds, wave.turns));
    whole += wave.size;
  }
  return clamp(0.36 + (sum / whole) * 1.5, 0, 1.2) ** 2;
}

/** The underside of the waves, seen at a slant along the top edge. */
function surfaceLight(x: number, y: number, seconds: number): number {
  const fade = smoothstep(0.16, 0, y);
  if (fade === 0) return 0;
  const far = 0.09 / (0.2 - y * 0.95);
  const across = ((x - 0.45) * 9) / (far + 0.35);
  const away = 7 / (far + 0.25);
  const wave =
    Math.sin(across * 1.1 + away * 1.9 + cycle(seconds, 17)) +
    Math.sin(across * 2.3 - away * 1.3 + cycle(seconds, 23) + Math.sin(across * 0.7 + cycle(seconds, 7))) +
    0.7 * Math.sin(across * 3.9 + away * 2.7 - cycle(seconds, 29));
  return fade * clamp(0.3 + wave * 0.3, 0, 1.1) ** 2;
}

/** Stretches the grid over the picture, blending between its points. */
function stretch(picture: Picture): void {
  let to = 0;
  for (let y = 0; y < HEIGHT; y += 1) {
    const row = Math.floor(y / GRAIN);
    const low = (y % GRAIN) / GRAIN;
    for (let x = 0; x < WIDTH; x += 1) {
      const from = (row * COLUMNS + Math.floor(x / GRAIN)) * 3;
      const right = (x % GRAIN) / GRAIN;
      for (let channel = 0; channel < 3; channel += 1) {
        const at = from + channel;
        const below = at + COLUMNS * 3;
        const upper = (grid[at] ?? 0) * (1 - right) + (grid[at + 3] ?? 0) * right;
        const lower = (grid[below] ?? 0) * (1 - right) + (grid[below + 3] ?? 0) * right;
        picture[to] = upper * (1 - low) + lower * low;
        to += 1;
      }
    }
  }
}
