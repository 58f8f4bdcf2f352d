/** The reef and the sea grass: soft silhouettes that give the water its depth. */
import { clamp, cycle, HEIGHT, mix, seededRandom, smoothstep, WIDTH } from "./film.ts";
import type { Picture } from "./raster.ts";

type Colour = readonly [red: number, green: number, blue: number];

/** A ridge of rock. Heights in pixels from the bottom edge. */
type Ridge = {
  readonly heights: Float32Array;
  readonly body: Colour;
  /** Light that falls on its upper edge. */
  readonly rim: Colour;
  /** How much of the ridge shows through the water, 0 to 1. */
  readonly clear: number;
};

/** A blade of sea grass, rooted at (x, y) in pixels. */
type Blade = {
  readonly x: number;
  readonly y: number;
  readonly tall: number;
  readonly wide: number;
  readonly lean: number;
  readonly phase: number;
  readonly turns: number;
  readonly colour: Colour;
  readonly clear: number;
};

/** The ridges seen behind the fish; farthest first. */
const farRidges: readonly [Ridge, Ridge] = [
  ridge(5, 150, 70, 1.3, (x) => 1 - 0.45 * smoothstep(0.25, 0.5, x) * smoothstep(0.95, 0.6, x), {
    body: [0.006, 0.16, 0.235],
    rim: [0.02, 0.1, 0.11],
    clear: 0.5,
  }),
  ridge(8, 105, 60, 1.9, (x) => 0.45 + smoothstep(0.45, 0.95, x) + 0.8 * smoothstep(0.25, 0, x), {
    body: [0.004, 0.085, 0.135],
    rim: [0.03, 0.13, 0.13],
    clear: 0.72,
  }),
];

/** The near ridge, in front of the fish. */
const nearRidge = ridge(13, 46, 34, 2.6, (x) => 0.2 + 1.5 * smoothstep(0.3, 0, x) + 1.3 * smoothstep(0.74, 1, x), {
  body: [0.004, 0.048, 0.074],
  rim: [0.016, 0.075, 0.08],
  clear: 0.94,
});

const farGrass = meadow(31, 90, farRidges[1], { tall: 62, wide: 2.2, colour: [0.015, 0.15, 0.155], clear: 0.7 });
const nearGrass = meadow(47, 74, nearRidge, { tall: 150, wide: 4.6, colour: [0.01, 0.115, 0.105], clear: 0.92 });

/** Paints what lies behind the fish. */
export function paintFarBed(picture: Picture, seconds: number): void {
  const [farthest, nearer] = farRidges;
  paintRidge(picture, farthest);
  for (const blade of farGrass) paintBlade(picture, blade, seconds);
  paintRidge(picture, nearer);
}

/** Paints what lies in front of the fish. */
export function paintNearBed(picture: Picture, seconds: number): void {
  for (const blade of nearGrass) paintBlade(picture, blade, seconds);
  paintRidge(picture, nearRidge);
}

function ridge(
  seed: number,
  base: number,
  rough: number,
  detail: number,
  shape: (share: number) => number,
  look: Omit<Ridge, "heights">,
): Ridge {
  const random = seededRandom(seed);
  const waves = Array.from({ length: 9 }, (_, at) => ({
    per: detail * 1.75 ** at * (0.85 + random() * 0.3),
    phase: random() * 2 * Math.PI,
    size: rough * 0.56 ** at,
  }));
  const heights = Float32Array.from({ length: WIDTH }, (_, x) => {
    const share = x / WIDTH;
    let sum = 0;
    // Folding each wave at its crest gives rounded humps with creases between them, like rock and coral heads.
    for (const wave of waves)
      sum += wave.size * (1 - 2 * Math.abs(Math.sin(share * wave.per * Math.PI + wave.phase)) ** 1.5);
    return (base - sum * 0.6) * shape(share);
  });
  return { heights, ...look };
}

function paintRidge(picture: Picture, { heights, body, rim, clear }: Ridge): void {
  for (let x = 0; x < WIDTH; x += 1) {
    const tall = heights[x] ?? 0;
    const slope = (heights[Math.min(x + 14, WIDTH - 1)] ?? 0) - (heights[Math.max(x - 14, 0)] ?? 0);
    const facing = clamp(0.75 + slope * 0.018, 0.3, 1.2);
    const top = HEIGHT - tall;
    for (let y = Math.max(0, Math.floor(top)); y < HEIGHT; y += 1) {
      const cover = clamp(y + 1 - top, 0, 1) * clear;
      const lit = Math.exp(-(y - top) / 22) * facing;
      const fade = 1 - 0.35 * smoothstep(0, 160, y - top);
      tint(
        picture,
        x,
        y,
        cover,
        body[0] * fade + rim[0] * lit,
        body[1] * fade + rim[1] * lit,
        body[2] * fade + rim[2] * lit,
      );
    }
  }
}

function meadow(
  seed: number,
  count: number,
  ground: Ridge,
  look: { tall: number; wide: number; colour: Colour; clear: number },
): Blade[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    // Two tufts, one in each lower corner: the middle stays free for the fish.
    const spread = random() ** 1.6 * 0.3;
    const share = random() < 0.55 ? spread : 1 - spread * 0.85;
    const x = share * (WIDTH - 1);
    const shade = 0.75 + random() * 0.7;
    return {
      x,
      y: HEIGHT - (ground.heights[Math.floor(x)] ?? 0) + 6,
      tall: look.tall * (0.45 + random() * 0.9) * (1 - spread),
      wide: look.wide * (0.7 + random() * 0.6),
      lean: (random() - 0.4) * look.tall * 0.4,
      phase: random() * 1.4 + share * 5,
      turns: random() < 0.5 ? 9 : 10,
      colour: [look.colour[0] * shade, look.colour[1] * shade, look.colour[2] * shade],
      clear: look.clear,
    };
  });
}

/** A blade is a tapering line whose middle is a function of the height, so each row is one short, soft-edged span. */
function paintBlade(picture: Picture, blade: Blade, seconds: number): void {
  const top = Math.floor(blade.y - blade.tall);
  for (let y = Math.max(0, top); y < Math.min(HEIGHT, blade.y); y += 1) {
    const share = (blade.y - y) / blade.tall;
    const wave = Math.sin(cycle(seconds, blade.turns) + blade.phase - share * 2.4);
    const drift = Math.sin(cycle(seconds, 4) + blade.phase * 0.5);
    const middle = blade.x + blade.lean * share * share + blade.tall * share * share * (0.1 * wave + 0.12 * drift);
    const half = blade.wide * Math.sqrt(Math.max(0, 1 - share)) * mix(0.7, 1, smoothstep(0, 0.4, share));
    for (let x = Math.floor(middle - half - 1); x <= middle + half + 1; x += 1) {
      if (x < 0 || x >= WIDTH) continue;
      const cover = clamp(half + 0.5 - Math.abs(x + 0.5 - middle), 0, 1) * Math.min(1, half * 2) * blade.clear;
      const lit = 0.7 + 0.9 * share * share;
      tint(picture, x, y, cover, blade.colour[0] * lit, blade.colour[1] * lit, blade.colour[2] * lit);
    }
  }
}

function tint(picture: Picture, x: number, y: number, cover: number, red: number, green: number, blue: number): void {
  const at = (y * WIDTH + x) * 3;
  picture[at] = (picture[at] ?? 0) * (1 - cover) + red * cover;
  picture[at + 1] = (picture[at + 1] ?? 0) * (1 - cover) + green * cover;
  picture[at + 2] = (picture[at + 2] ?? 0) * (1 - cover) + blue * cover;
}
