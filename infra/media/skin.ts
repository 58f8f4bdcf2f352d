/** The colours of a fish: a blue-green back, silver sides, a golden stripe and tail. */
import { clamp, mix, smoothstep } from "./film.ts";
import type { Texture } from "./raster.ts";

type Colour = readonly [red: number, green: number, blue: number];

const COLUMNS = 192;
const ROWS = 96;

const BACK: Colour = [0.06, 0.3, 0.42];
const SIDE: Colour = [0.56, 0.82, 0.88];
const BELLY: Colour = [0.93, 0.97, 0.93];
const GOLD: Colour = [1.0, 0.68, 0.16];
const DARK: Colour = [0.02, 0.06, 0.09];
const PALE: Colour = [0.95, 0.96, 0.88];

/** The skin of the body, with stripe, gill cover, scales and eye. */
export const bodySkin: Texture = paintTexture(bodyColour);
/** The skin of the fins: golden, with fine rays. `u` runs from root to edge. */
export const finSkin: Texture = paintTexture(finColour);

function paintTexture(colourAt: (u: number, v: number) => Colour): Texture {
  const colours = new Float32Array(COLUMNS * ROWS * 3);
  for (let row = 0; row < ROWS; row += 1) {
    for (let column = 0; column < COLUMNS; column += 1) {
      colours.set(colourAt((column + 0.5) / COLUMNS, ((row + 0.5) / ROWS) * 2 - 1), (row * COLUMNS + column) * 3);
    }
  }
  const index = (u: number, v: number): number => {
    const column = clamp(Math.floor(u * COLUMNS), 0, COLUMNS - 1);
    const row = clamp(Math.floor((v + 1) * 0.5 * ROWS), 0, ROWS - 1);
    return (row * COLUMNS + column) * 3;
  };
  return { colours, index };
}

function bodyColour(u: number, v: number): Colour {
  let colour = blend(BELLY, SIDE, smoothstep(-0.75, -0.1, v));
  colour = blend(colour, BACK, smoothstep(0.3, 0.62, v));
  const stripe = Math.exp(-(((v - 0.3) / (0.1 + 0.12 * u * u)) ** 2)) * smoothstep(0.14, 0.3, u);
  colour = blend(colour, GOLD, stripe * 0.92);
  colour = blend(colour, GOLD, smoothstep(0.8, 0.98, u) * 0.9);
  const scale = Math.sin(u * 110 + Math.cos(v * 26) * 0.9) * Math.sin(v * 26);
  colour = shade(colour, 1 + 0.025 * scale * smoothstep(0.2, 0.3, u));
  const gill = Math.exp(-(((u - 0.215 + 0.05 * v * v) / 0.012) ** 2)) * smoothstep(0.7, 0.4, Math.abs(v));
  colour = shade(colour, 1 - 0.3 * gill);
  const mouth = Math.exp(-(((v + 0.22) / 0.05) ** 2)) * smoothstep(0.06, 0.03, u);
  colour = shade(colour, 1 - 0.5 * mouth);
  const eye = Math.hypot((u - 0.1) / 0.034, (v - 0.2) / 0.28);
  colour = blend(colour, PALE, smoothstep(1.05, 0.92, eye));
  colour = blend(colour, DARK, smoothstep(0.72, 0.6, eye));
  const glint = Math.hypot((u - 0.091) / 0.01, (v - 0.29) / 0.08);
  return blend(colour, [1, 1, 1], smoothstep(1, 0.6, glint));
}

function finColour(u: number, v: number): Colour {
  const rays = 1 + 0.06 * Math.sin(v * 26);
  return shade(blend(GOLD, [0.86, 0.84, 0.5], smoothstep(0.4, 1, u) * 0.5), rays);
}

function blend(from: Colour, to: Colour, share: number): Colour {
  return [mix(from[0], to[0], share), mix(from[1], to[1], share), mix(from[2], to[2], share)];
}

function shade(colour: Colour, light: number): Colour {
  return [colour[0] * light, colour[1] * light, colour[2] * light];
}
