/** A shoal as boids in three dimensions: x right, y up, z away from the eye. Pure and seeded. */
import { clamp, cycle, FRAME_RATE, seededRandom } from "./film.ts";

/** A place or direction in the scene. */
export type Vector = readonly [x: number, y: number, z: number];

/** How one shoal behaves. Lengths in scene units, speeds in units per second. */
export type ShoalPlan = {
  readonly count: number;
  readonly seed: number;
  /** Where the shoal is heading at a time in seconds; repeats after one film. */
  readonly lead: (seconds: number) => Vector;
  readonly slowest: number;
  readonly fastest: number;
  /** Fish keep about this far apart. */
  readonly spacing: number;
  /** The last fish follows this many seconds behind the first: a long trail makes a ribbon, a short one a ball. */
  readonly trail: number;
  /** How far from the lead's path a fish may have its own place: across, up, and away. */
  readonly spread: Vector;
};

/** How strongly the fish follow each rule, per second squared and per unit of distance or speed. */
const PULL = { lead: 0.62, cohesion: 0.3, alignment: 1.5, separation: 5.5, wander: 0.5, level: 1.0 };
const MAX_STEER = 2.4;

/** A fish's own place in the shoal: how far behind the lead, and a slow orbit around the path. */
type Station = { readonly delay: number; readonly reach: Vector; readonly turns: Vector; readonly phase: Vector };

/**
 * Runs a shoal and returns the positions at each frame from `from` (usually before zero, so that it has settled by the
 * time the film starts) to `to`, both in frames. Each frame holds x, y, z of every fish in turn.
 */
export function swim(plan: ShoalPlan, from: number, to: number): Float64Array[] {
  const random = seededRandom(plan.seed);
  const [startX, startY, startZ] = plan.lead(from / FRAME_RATE);
  const place = new Float64Array(plan.count * 3);
  const speed = new Float64Array(plan.count * 3);
  for (let at = 0; at < place.length; at += 3) {
    place[at] = startX + (random() - 0.5) * 4;
    place[at + 1] = startY + (random() - 0.5) * 2;
    place[at + 2] = startZ + (random() - 0.5) * 3;
    speed[at] = random() - 0.5;
    speed[at + 2] = random() - 0.5;
  }
  const stations = Array.from({ length: plan.count }, () => stationIn(plan, random));
  const frames: Float64Array[] = [];
  for (let frame = from; frame < to; frame += 1) {
    frames.push(place.slice());
    const goals = stations.map((station) => goalAt(plan, station, frame / FRAME_RATE));
    step(plan, place, speed, goals, random);
  }
  return frames;
}

function stationIn({ trail, spread }: ShoalPlan, random: () => number): Station {
  const share = (): number => random() * 2 - 1;
  const turns = (): number => (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 3));
  // The middle of the shoal is fuller than its ends.
  const delay = trail * (0.5 + 0.25 * (share() + share()));
  return {
    delay,
    reach: [spread[0] * share(), spread[1] * share(), spread[2] * share()],
    turns: [turns(), turns(), turns()],
    phase: [random() * 7, random() * 7, random() * 7],
  };
}

function goalAt(plan: ShoalPlan, { delay, reach, turns, phase }: Station, seconds: number): Vector {
  const [x, y, z] = plan.lead(seconds - delay);
  const orbit = (axis: 0 | 1 | 2): number => reach[axis] * Math.sin(cycle(seconds, turns[axis]) + phase[axis]);
  return [x + orbit(0), y + orbit(1), z + orbit(2)];
}

function step(
  plan: ShoalPlan,
  place: Float64Array,
  speed: Float64Array,
  goals: readonly Vector[],
  random: () => number,
): void {
  const seconds = 1 / FRAME_RATE;
  const steer = new Float64Array(place.length);
  goals.forEach((goal, fish) => {
    steerFish(plan, place, speed, goal, random, fish * 3, steer);
  });
  for (let at = 0; at < place.length; at += 3) {
    const push = Math.hypot(read(steer, at), read(steer, at + 1), read(steer, at + 2));
    const limit = (push > MAX_STEER ? MAX_STEER / push : 1) * seconds;
    for (let axis = at; axis < at + 3; axis += 1) speed[axis] = read(speed, axis) + read(steer, axis) * limit;
    const pace = Math.hypot(read(speed, at), read(speed, at + 1), read(speed, at + 2));
    const keep = clamp(pace, plan.slowest, plan.fastest) / Math.max(pace, 1e-6);
    for (let axis = at; axis < at + 3; axis += 1) {
      speed[axis] = read(speed, axis) * keep;
      place[axis] = read(place, axis) + read(speed, axis) * seconds;
    }
  }
}

function steerFish(
  plan: ShoalPlan,
  place: Float64Array,
  speed: Float64Array,
  goal: Vector,
  random: () => number,
  fish: number,
  steer: Float64Array,
): void {
  const sight = plan.spacing * 2.6;
  const x = read(place, fish);
  const y = read(place, fish + 1);
  const z = read(place, fish + 2);
  let seen = 0;
  const centre = [0, 0, 0] as [number, number, number];
  const heading = [0, 0, 0] as [number, number, number];
  const apart = [0, 0, 0] as [number, number, number];
  for (let other = 0; other < place.length; other += 3) {
    const dx = x - read(place, other);
    const dy = y - read(place, other + 1);
    const dz = z - read(place, other + 2);
    const squared = dx * dx + dy * dy + dz * dz;
    if (other === fish || squared > sight * sight) continue;
    seen += 1;
    centre[0] -= dx;
    centre[1] -= dy;
    centre[2] -= dz;
    heading[0] += read(speed, other);
    heading[1] += read(speed, other + 1);
    heading[2] += read(speed, other + 2);
    const distance = Math.sqrt(squared) + 1e-6;
    if (distance > plan.spacing) continue;
    const push = (1 - distance / plan.spacing) / distance;
    apart[0] += dx * push;
    apart[1] += dy * push;
    apart[2] += dz * push;
  }
  const share = seen === 0 ? 0 : 1 / seen;
  const toGoal = [goal[0] - x, goal[1] - y, goal[2] - z] as const;
  for (const axis of [0, 1, 2] as const) {
    const own = read(speed, fish + axis);
    steer[fish + axis] =
      toGoal[axis] * PULL.lead +
      centre[axis] * share * PULL.cohesion +
      (heading[axis] * share - (seen === 0 ? 0 : own)) * PULL.alignment +
      apart[axis] * PULL.separation +
      (random() - 0.5) * 2 * PULL.wander -
      (axis === 1 ? own * PULL.level : 0);
  }
}

/** Reads an element that is known to exist: every index here comes from the array's own length. */
function read(values: Float64Array, at: number): number {
  return values[at] ?? 0;
}
