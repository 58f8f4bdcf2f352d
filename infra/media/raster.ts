/** A small triangle painter: fills textured triangles on a finely sampled tile, then lays the tile on the picture. */
import { clamp, HEIGHT, WIDTH } from "./film.ts";

/** A picture: red, green, blue from 0 to 1 for each pixel, row by row. */
export type Picture = Float32Array;

/** A corner of a triangle: screen place in pixels, place on the texture, light and gloss. */
export type Corner = { x: number; y: number; u: number; v: number; light: number; gloss: number };

/** Looks up a texture: `u` runs 0 to 1 from nose to tail, `v` -1 to 1 from belly to back. Returns an index of a colour. */
export type Texture = { readonly colours: Float32Array; readonly index: (u: number, v: number) => number };

/** How a tile is laid on the picture. */
export type Haze = {
  /** Share of the light that reaches the eye through the water, 0 to 1; the rest is the water's own colour. */
  readonly clear: number;
  /** Blur radius in pixels (out of focus); 0 is sharp. */
  readonly blur: number;
};

/** Samples along each side of a pixel. */
const FINE = 3;
/** The widest and highest thing that is ever painted in one tile, in pixels. */
const TILE_LIMIT = 720;

const fine = new Float32Array(TILE_LIMIT * FINE * TILE_LIMIT * 2);
const coarse = new Float32Array(TILE_LIMIT * TILE_LIMIT * 4);
const line = new Float32Array(TILE_LIMIT * 4);

/** A tile in the making: `triangle` paints over what is there, `lay` puts it on the picture. */
export type Tile = {
  triangle(a: Corner, b: Corner, c: Corner, texture: Texture, alpha: number): void;
  lay(picture: Picture, water: Picture, haze: Haze): void;
};

/** Opens a clean tile over the given part of the screen (pixels), or `undefined` if nothing of it would be seen. */
export function openTile(left: number, top: number, right: number, bottom: number, blur: number): Tile | undefined {
  const margin = Math.ceil(blur * 2) + 1;
  const x0 = Math.floor(left) - margin;
  const y0 = Math.floor(top) - margin;
  const wide = Math.ceil(right) + margin - x0;
  const high = Math.ceil(bottom) + margin - y0;
  if (x0 >= WIDTH || y0 >= HEIGHT || x0 + wide <= 0 || y0 + high <= 0) return undefined;
  if (wide > TILE_LIMIT || high > TILE_LIMIT / 2)
    throw new RangeError(`A tile of ${wide} x ${high} pixels is too large`);
  fine.fill(0, 0, wide * FINE * high * FINE * 4);
  return {
    triangle(a, b, c, texture, alpha) {
      fillTriangle(wide, high, x0, y0, a, b, c, texture, alpha);
    },
    lay(picture, water, haze) {
      gather(wide, high);
      if (haze.blur >= 0.5) {
        for (let pass = 0; pass < 2; pass += 1) blurTile(wide, high, Math.round(haze.blur));
      }
      compose(picture, water, x0, y0, wide, high, haze.clear);
    },
  };
}

function fillTriangle(
  wide: number,
  high: number,
  x0: number,
  y0: number,
  a: Corner,
  b: Corner,
  c: Corner,
  texture: Texture,
  alpha: number,
): void {
  const ax = (a.x - x0) * FINE;
  const ay = (a.y - y0) * FINE;
  const bx = (b.x - x0) * FINE;
  const by = (b.y - y0) * FINE;
  const cx = (c.x - x0) * FINE;
  const cy = (c.y - y0) * FINE;
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  if (Math.abs(area) < 1e-6) return;
  const fromX = clamp(Math.floor(Math.min(ax, bx, cx)), 0, wide * FINE - 1);
  const toX = clamp(Math.ceil(Math.max(ax, bx, cx)), 0, wide * FINE - 1);
  const fromY = clamp(Math.floor(Math.min(ay, by, cy)), 0, high * FINE - 1);
  const toY = clamp(Math.ceil(Math.max(ay, by, cy)), 0, high * FINE - 1);
  const keep = 1 - alpha;
  // The three weights of a sample change by the same step from one sample to the next.
  const stepA = (by - cy) / area;
  const stepB = (cy - ay) / area;
  const stepC = -stepA - stepB;
  const { colours, index } = texture;
  for (let y = fromY; y <= toY; y += 1) {
    const px = fromX + 0.5;
    const py = y + 0.5;
    let wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area;
    let wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area;
    let wc = 1 - wa - wb;
    let at = (y * wide * FINE + fromX) * 4;
    for (let x = fromX; x <= toX; x += 1, wa += stepA, wb += stepB, wc += stepC, at += 4) {
      if (wa < 0 || wb < 0 || wc < 0) continue;
      const light = (wa * a.light + wb * b.light + wc * c.light) * alpha;
      const gloss = (wa * a.gloss + wb * b.gloss + wc * c.gloss) * alpha;
      const colour = index(wa * a.u + wb * b.u + wc * c.u, wa * a.v + wb * b.v + wc * c.v);
      fine[at] = (fine[at] ?? 0) * keep + (colours[colour] ?? 0) * light + gloss;
      fine[at + 1] = (fine[at + 1] ?? 0) * keep + (colours[colour + 1] ?? 0) * light + gloss;
      fine[at + 2] = (fine[at + 2] ?? 0) * keep + (colours[colour + 2] ?? 0) * light + gloss;
      fine[at + 3] = (fine[at + 3] ?? 0) * keep + alpha;
    }
  }
}

/** Averages the fine samples of each pixel: this is what makes the edges smooth. */
function gather(wide: number, high: number): void {
  const share = 1 / (FINE * FINE);
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      for (let channel = 0; channel < 4; channel += 1) {
        let sum = 0;
        for (let row = 0; row < FINE; row += 1) {
          const at = ((y * FINE + row) * wide * FINE + x * FINE) * 4 + channel;
          sum += (fine[at] ?? 0) + (fine[at + 4] ?? 0) + (fine[at + 8] ?? 0);
        }
        coarse[(y * wide + x) * 4 + channel] = sum * share;
      }
    }
  }
}

function blurTile(wide: number, high: number, radius: number): void {
  for (let y = 0; y < high; y += 1) blurRun(y * wide * 4, 4, wide, radius);
  for (let x = 0; x < wide; x += 1) blurRun(x * 4, wide * 4, high, radius);
}

/** A running mean along one row or column of the tile. */
function blurRun(start: number, stride: number, length: number, radius: number): void {
  const share = 1 / (2 * radius + 1);
  for (let channel = 0; channel < 4; channel += 1) {
    for (let at = 0; at < length; at += 1) line[at] = coarse[start + at * stride + channel] ?? 0;
    let sum = 0;
    for (let at = 0; at < Math.min(radius, length); at += 1) sum += line[at] ?? 0;
    for (let at = 0; at < length; at += 1) {
      if (at + radius < length) sum += line[at + radius] ?? 0;
      if (at - radius - 1 >= 0) sum -= line[at - radius - 1] ?? 0;
      coarse[start + at * stride + channel] = sum * share;
    }
  }
}

function compose(
  picture: Picture,
  water: Picture,
  x0: number,
  y0: number,
  wide: number,
  high: number,
  clear: number,
): void {
  for (let y = Math.max(0, -y0); y < Math.min(high, HEIGHT - y0); y += 1) {
    for (let x = Math.max(0, -x0); x < Math.min(wide, WIDTH - x0); x += 1) {
      const from = (y * wide + x) * 4;
      const alpha = coarse[from + 3] ?? 0;
      if (alpha < 0.002) continue;
      const to = ((y + y0) * WIDTH + x + x0) * 3;
      const veil = alpha * (1 - clear);
      for (let channel = 0; channel < 3; channel += 1) {
        picture[to + channel] =
          (picture[to + channel] ?? 0) * (1 - alpha) +
          (coarse[from + channel] ?? 0) * clear +
          (water[to + channel] ?? 0) * veil;
      }
    }
  }
}
