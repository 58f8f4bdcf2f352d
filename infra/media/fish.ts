/** Draws one fish: a swaying body of rings around a spine, and fins. */
import { clamp, cycle, FOCAL_LENGTH, HEIGHT, smoothstep, WIDTH } from "./film.ts";
import type { Pose } from "./loop.ts";
import { type Corner, openTile, type Picture, type Tile } from "./raster.ts";
import { bodySkin, finSkin } from "./skin.ts";

type Vector = [number, number, number];
/** The fish's own axes: ahead, to its right, and up. */
type Frame = { readonly ahead: Vector; readonly right: Vector; readonly up: Vector };
/** A place on the fish in body lengths: along from the nose, up from the spine, out to its right. */
type Place = readonly [along: number, up: number, out: number];

/** Length of a usual fish, scene units. */
const LENGTH = 0.66;
/** Half height and half width of the thickest part, in body lengths. */
const HALF_HEIGHT = 0.158;
const HALF_WIDTH = 0.075;
/** Thickness along the body, from nose to tail root, evenly spaced. */
const PROFILE = [0.03, 0.44, 0.68, 0.84, 0.94, 1, 1, 0.96, 0.87, 0.75, 0.61, 0.47, 0.34, 0.245, 0.2, 0.2];
/** Everything at this distance is in focus. */
const FOCUS = 9.5;
/** The light comes from above, a little from the left and from the viewer's side. */
const LIGHT = unit([-0.28, 0.9, -0.42]);

const TAIL_ROOT: readonly Place[] = [
  [0.96, 0.035, 0],
  [1.0, 0, 0],
  [0.96, -0.035, 0],
];
const TAIL_UPPER: readonly Place[] = [
  [1.08, 0.1, 0],
  [1.24, 0.185, 0],
  [1.135, 0.05, 0],
  [1.105, 0, 0],
];

/** Paints a fish on the picture; `water` is the empty scene, whose colour veils what is far away. */
export function paintFish(picture: Picture, water: Picture, pose: Pose, seconds: number): void {
  if (pose.z < 1.5) return;
  const scale = FOCAL_LENGTH / pose.z;
  const length = LENGTH * pose.size;
  const reach = length * scale * 0.86;
  const centreX = WIDTH / 2 + pose.x * scale;
  const centreY = HEIGHT / 2 - pose.y * scale;
  const blur = clamp((FOCUS / pose.z - 1.75) * 7, 0, 14);
  const tile = openTile(centreX - reach, centreY - reach * 0.55, centreX + reach, centreY + reach * 0.55, blur);
  if (tile === undefined) return;
  const axes = axesOf(pose);
  const corner = cornerMaker(pose, axes, length, seconds);
  paintFins(tile, corner);
  paintBody(tile, corner, length * scale > 50);
  const side = axes.right[2] < 0 ? 1 : -1;
  paintSideFin(tile, corner, side, pose.beat);
  tile.lay(picture, water, { clear: Math.exp(-Math.max(0, pose.z - 4) * 0.086), blur });
}

type CornerMaker = (place: Place, u: number, v: number, normal: Place) => Corner;

function cornerMaker(pose: Pose, axes: Frame, length: number, seconds: number): CornerMaker {
  const { ahead, right, up } = axes;
  const view = unit([-pose.x, -pose.y, -pose.z]);
  const half = unit([LIGHT[0] + view[0], LIGHT[1] + view[1], LIGHT[2] + view[2]]);
  const dapple = dapples(pose, seconds);
  return ([along, high, out], u, v, normal) => {
    const side = out + sway(along, pose);
    const ahd = 0.45 - along;
    const x = pose.x + (ahead[0] * ahd + right[0] * side + up[0] * high) * length;
    const y = pose.y + (ahead[1] * ahd + right[1] * side + up[1] * high) * length;
    const z = pose.z + (ahead[2] * ahd + right[2] * side + up[2] * high) * length;
    const n = unit([
      -ahead[0] * normal[0] + up[0] * normal[1] + right[0] * normal[2],
      -ahead[1] * normal[0] + up[1] * normal[1] + right[1] * normal[2],
      -ahead[2] * normal[0] + up[2] * normal[1] + right[2] * normal[2],
    ]);
    const lit = dot(n, LIGHT);
    const shine = Math.max(0, dot(n, half));
    return {
      x: WIDTH / 2 + (x * FOCAL_LENGTH) / z,
      y: HEIGHT / 2 - (y * FOCAL_LENGTH) / z,
      u,
      v,
      light: (0.6 + 0.24 * n[1] + 0.46 * Math.max(0, lit)) * dapple,
      gloss: (0.16 * shine ** 6 + 0.5 * shine ** 40) * dapple,
    };
  };
}

/** How far the spine is pushed sideways, in body lengths: the tail beat, and the bend of a turn. */
function sway(along: number, pose: Pose): number {
  const swing = 0.012 + 0.075 * along * along;
  const bend = clamp(pose.turn, -1.6, 1.6) * 0.16 * Math.max(0, along - 0.3) ** 2;
  return swing * Math.sin(pose.beat - along * 5.2) + bend;
}

/** The moving net of light that waves throw, stronger near the surface. */
function dapples(pose: Pose, seconds: number): number {
  const across = pose.x + pose.y * 0.3;
  const wave =
    Math.sin(across * 2.1 + cycle(seconds, 11)) +
    Math.sin(across * 1.3 - pose.z * 1.7 - cycle(seconds, 8)) +
    Math.sin(pose.z * 2.3 + across * 0.6 + cycle(seconds, 13));
  return 1 + 0.11 * wave * smoothstep(-4, 2, pose.y) + 0.045 * clamp(pose.y, -3, 3);
}

function axesOf(pose: Pose): Frame {
  const ahead = unit([pose.heading[0], clamp(pose.heading[1], -0.45, 0.45), pose.heading[2]]);
  const flat = unit([ahead[2], 0, -ahead[0]]);
  const rise = cross(ahead, flat);
  // A fish leans into its turn.
  const lean = clamp(pose.turn * 0.28, -0.45, 0.45);
  const cos = Math.cos(lean);
  const sin = Math.sin(lean);
  const right: Vector = [flat[0] * cos - rise[0] * sin, flat[1] * cos - rise[1] * sin, flat[2] * cos - rise[2] * sin];
  return { ahead, right, up: cross(ahead, right) };
}

function paintBody(tile: Tile, corner: CornerMaker, detailed: boolean): void {
  const sections = detailed ? 20 : 11;
  const round = detailed ? 14 : 9;
  const ring = (section: number): Corner[] => {
    const along = section / sections;
    const thick = thickness(along);
    const slope = (thickness(along + 0.02) - thickness(along - 0.02)) / 0.04;
    return Array.from({ length: round }, (_, step) => {
      const angle = (2 * Math.PI * step) / round;
      const up = Math.sin(angle);
      const out = Math.cos(angle);
      const normal: Place = [-slope * HALF_WIDTH, (up * HALF_WIDTH) / HALF_HEIGHT, out];
      return corner([along, up * HALF_HEIGHT * thick, out * HALF_WIDTH * thick], along, up, normal);
    });
  };
  let before = ring(0);
  for (let section = 1; section <= sections; section += 1) {
    const after = ring(section);
    for (let step = 0; step < round; step += 1) {
      const a = before[step];
      const b = before[(step + 1) % round];
      const c = after[(step + 1) % round];
      const d = after[step];
      if (a === undefined || b === undefined || c === undefined || d === undefined) continue;
      // Only the side that faces the eye.
      if ((c.x - a.x) * (d.y - b.y) - (c.y - a.y) * (d.x - b.x) > 0) continue;
      tile.triangle(a, b, c, bodySkin, 1);
      tile.triangle(a, c, d, bodySkin, 1);
    }
    before = after;
  }
}

function thickness(along: number): number {
  const at = clamp(along, 0, 1) * (PROFILE.length - 1);
  const left = Math.min(Math.floor(at), PROFILE.length - 2);
  const share = at - left;
  const from = PROFILE[left] ?? 0;
  return from + ((PROFILE[left + 1] ?? 0) - from) * share;
}

function paintFins(tile: Tile, corner: CornerMaker): void {
  const upright: Place = [0.2, 0.5, 0.6];
  const at = (place: Place, u: number, v: number): Corner => {
    const point = corner(place, u, v, upright);
    // Fins are thin and matt: they hardly shine.
    return { ...point, gloss: point.gloss * 0.2 };
  };
  for (const mirror of [1, -1]) {
    const flip = ([along, up, out]: Place): Place => [along, up * mirror, out];
    const root = TAIL_ROOT.map((place, step) => at(flip(place), 0, step * 0.2));
    const edge = TAIL_UPPER.map((place, step) => at(flip(place), 1 - step * 0.2, 1 - step * 0.3));
    const [rootTop, rootMid] = root;
    const [bulge, tip, inner, notch] = edge;
    if (!rootTop || !rootMid || !bulge || !tip || !inner || !notch) continue;
    tile.triangle(rootTop, bulge, inner, finSkin, 0.92);
    tile.triangle(bulge, tip, inner, finSkin, 0.88);
    tile.triangle(rootTop, inner, notch, finSkin, 0.92);
    tile.triangle(rootTop, notch, rootMid, finSkin, 0.92);
  }
  paintRidge(tile, at, 0.27, 0.72, 0.085, 1);
  paintRidge(tile, at, 0.6, 0.82, 0.06, -1);
}

/** The long fins on the back and under the tail: highest near the front, running out to nothing. */
function paintRidge(
  tile: Tile,
  at: (place: Place, u: number, v: number) => Corner,
  from: number,
  to: number,
  height: number,
  side: 1 | -1,
): void {
  const steps = 8;
  let before: readonly [Corner, Corner] | undefined;
  for (let step = 0; step <= steps; step += 1) {
    const share = step / steps;
    const along = from + (to - from) * share;
    const base = HALF_HEIGHT * thickness(along) * 0.9;
    const rise = height * Math.sqrt(share) * (1 - share) ** 0.7 * 2.1;
    const low = at([along, side * base, 0], 0, share);
    const top = at([along + rise * 0.5, side * (base + rise + 0.005), 0], 1, share);
    if (before !== undefined) {
      tile.triangle(before[0], before[1], top, finSkin, 0.75);
      tile.triangle(before[0], top, low, finSkin, 0.75);
    }
    before = [low, top];
  }
}

/** The small fin behind the gills, on the side that faces the eye; it paddles slowly. */
function paintSideFin(tile: Tile, corner: CornerMaker, side: 1 | -1, beat: number): void {
  const paddle = 0.05 + 0.03 * Math.sin(beat * 0.5);
  const normal: Place = [0.2, 0.35, side * 0.4];
  const root = corner([0.255, -0.03, side * 0.066], 0, 0, normal);
  const rootLow = corner([0.265, -0.07, side * 0.064], 0, 0.4, normal);
  const tip = corner([0.39, -0.11 - paddle * 0.4, side * (0.07 + paddle)], 1, 0.2, normal);
  const belly = corner([0.33, -0.13, side * (0.065 + paddle * 0.6)], 0.8, 0.6, normal);
  tile.triangle(root, tip, rootLow, finSkin, 0.8);
  tile.triangle(rootLow, tip, belly, finSkin, 0.8);
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(v: Vector): Vector {
  const size = Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]) || 1;
  return [v[0] / size, v[1] / size, v[2] / size];
}
