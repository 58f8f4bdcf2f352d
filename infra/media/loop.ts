/** Bends a shoal's last seconds so that the film ends exactly as it begins. */
import { type ShoalPlan, swim } from "./boids.ts";
import { FRAME_COUNT, FRAME_RATE, mix, seededRandom, smoothstep } from "./film.ts";

const SETTLE_FRAMES = 30 * FRAME_RATE;
const BLEND_FRAMES = 8 * FRAME_RATE;

/** One fish at one frame: where it is, where it points, and what its body is doing. */
export type Pose = {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Unit vector from tail to nose. */
  readonly heading: readonly [number, number, number];
  /** Rate of turning to its own left or right, radians per second. */
  readonly turn: number;
  /** Phase of the tail beat, radians. */
  readonly beat: number;
  /** Body length against the usual one. */
  readonly size: number;
};

/** The poses of every fish of a shoal at a frame of the film. */
export type Shoal = (frame: number) => Pose[];

/**
 * Swims a shoal that loops. Each fish spends the last eight seconds drifting to the place where some fish, the best
 * match, was when the film began; the lead's path repeats, so the ways are short and nobody notices.
 */
export function loopingShoal(plan: ShoalPlan): Shoal {
  const early = BLEND_FRAMES;
  const raw = swim(plan, -SETTLE_FRAMES, FRAME_COUNT).slice(SETTLE_FRAMES - early);
  const next = matchUp(raw, plan.count, early);
  const previous = new Int32Array(plan.count);
  next.forEach((to, fish) => {
    previous[to] = fish;
  });

  const random = seededRandom(plan.seed + 1);
  const sizes = Float64Array.from({ length: plan.count }, () => 0.84 + random() * 0.3);
  const firstBeat = Float64Array.from({ length: plan.count }, () => random() * 2 * Math.PI);
  const blendAt = (frame: number): number => smoothstep(FRAME_COUNT - early, FRAME_COUNT, frame);

  /** A coordinate of a fish; frames before the start or after the end continue with the fish it meets there. */
  const coordinate = (fish: number, frame: number, axis: number): number => {
    if (frame < 0) return coordinate(previous[fish] ?? 0, frame + FRAME_COUNT, axis);
    if (frame >= FRAME_COUNT) return coordinate(next[fish] ?? 0, frame - FRAME_COUNT, axis);
    const here = raw[frame + early]?.[fish * 3 + axis] ?? 0;
    const blend = blendAt(frame);
    if (blend === 0) return here;
    return mix(here, raw[frame + early - FRAME_COUNT]?.[(next[fish] ?? 0) * 3 + axis] ?? 0, blend);
  };
  /** Velocity over a window of frames, which also smooths the boids' small twitches. */
  const velocity = (fish: number, frame: number, reach: number): [number, number, number] => {
    const along = (axis: number): number =>
      ((coordinate(fish, frame + reach, axis) - coordinate(fish, frame - reach, axis)) * FRAME_RATE) / (2 * reach);
    return [along(0), along(1), along(2)];
  };

  const beats = tailBeats(plan.count, firstBeat, next, blendAt, (fish, frame) =>
    Math.hypot(...velocity(fish, frame, 5)),
  );
  return (frame) =>
    Array.from({ length: plan.count }, (_, fish): Pose => {
      const ahead = velocity(fish, frame, 7);
      const before = velocity(fish, frame - 6, 7);
      const pace = Math.max(Math.hypot(...ahead), 1e-6);
      const bend = Math.atan2(before[2] * ahead[0] - before[0] * ahead[2], before[0] * ahead[0] + before[2] * ahead[2]);
      return {
        x: coordinate(fish, frame, 0),
        y: coordinate(fish, frame, 1),
        z: coordinate(fish, frame, 2),
        heading: [ahead[0] / pace, ahead[1] / pace, ahead[2] / pace],
        turn: (bend * FRAME_RATE) / 6,
        beat: beats[frame]?.[fish] ?? 0,
        size: mix(sizes[fish] ?? 1, sizes[next[fish] ?? 0] ?? 1, blendAt(frame)),
      };
    });
}

/** For each fish, the one whose start it shall end on: pairs are swapped as long as that shortens the ways. */
function matchUp(raw: readonly Float64Array[], count: number, early: number): Int32Array {
  const cost = new Float64Array(count * count);
  for (const ago of [early, early / 2, 0]) {
    const end = raw[FRAME_COUNT + early - ago - 1] ?? new Float64Array();
    const start = raw[early - ago] ?? new Float64Array();
    for (let pair = 0; pair < cost.length; pair += 1) {
      const fish = Math.floor(pair / count) * 3;
      const other = (pair % count) * 3;
      for (const axis of [0, 1, 2]) {
        cost[pair] = (cost[pair] ?? 0) + ((end[fish + axis] ?? 0) - (start[other + axis] ?? 0)) ** 2;
      }
    }
  }
  const next = Int32Array.from({ length: count }, (_, fish) => fish);
  const price = (fish: number, to: number): number => cost[fish * count + to] ?? 0;
  for (let improved = true; improved; ) {
    improved = false;
    for (let one = 0; one < count; one += 1) {
      for (let two = 0; two < one; two += 1) {
        const a = next[one] ?? 0;
        const b = next[two] ?? 0;
        if (price(one, b) + price(two, a) >= price(one, a) + price(two, b) - 1e-9) continue;
        next[one] = b;
        next[two] = a;
        improved = true;
      }
    }
  }
  return next;
}

/** The tail-beat phase of every fish at every frame: faster fish beat faster, and the end meets the beginning. */
function tailBeats(
  count: number,
  first: Float64Array,
  next: Int32Array,
  blendAt: (frame: number) => number,
  pace: (fish: number, frame: number) => number,
): Float64Array[] {
  const frames = Array.from({ length: FRAME_COUNT }, () => new Float64Array(count));
  for (let fish = 0; fish < count; fish += 1) {
    let phase = first[fish] ?? 0;
    for (const frame of frames.keys()) {
      const row = frames[frame];
      if (row !== undefined) row[fish] = phase;
      phase += (2 * Math.PI * (0.7 + 0.75 * pace(fish, frame))) / FRAME_RATE;
    }
    const miss = ((first[next[fish] ?? 0] ?? 0) - phase) % (2 * Math.PI);
    frames.forEach((row, frame) => {
      row[fish] = (row[fish] ?? 0) + miss * blendAt(frame);
    });
  }
  return frames;
}
