import type { Random } from "../../tracker/swarm/index.ts";

export type { Random };

/** FNV-1a with another offset for each `salt`: four of them seed one generator. */
function hash(text: string, salt: number): number {
  let h = 0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return h ^ (h >>> 13);
}

/**
 * A stream of random numbers in [0, 1) that depends on seed and purpose alone (sfc32). Each use has its own stream, so that a
 * draw more in one place changes nothing elsewhere, and a run without peers sees the same viewers as one with them.
 */
export function randomStream(seed: number, purpose: string): Random {
  const text = `${seed}/${purpose}`;
  let a = hash(text, 1);
  let b = hash(text, 2);
  let c = hash(text, 3);
  let d = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** A waiting time with this mean, as between events that know nothing of each other. */
export const exponential = (random: Random, mean: number): number => -Math.log(1 - random()) * mean;
