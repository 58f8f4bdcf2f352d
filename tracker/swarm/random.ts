/** A source of randomness: a number in [0, 1), as `Math.random` gives. Passed in, never reached for. */
export type Random = () => number;

const below = (count: number, random: Random): number => Math.min(count - 1, Math.floor(random() * count));

/** Takes one item out of a list, each as likely as any other; the last takes its place. */
export function takeOne<T>(items: T[], random: Random): T | undefined {
  const at = below(items.length, random);
  const taken = items[at];
  const last = items.pop();
  if (at < items.length && last !== undefined) items[at] = last;
  return taken;
}

/**
 * Up to `count` (a few dozen) different indexes below `length`, each set of them equally likely, in time that grows with `count` alone
 * (Floyd's sampling: each step draws from one more index than the step before, and takes that newest index on a repeat).
 */
export function sampleIndexes(length: number, count: number, random: Random): number[] {
  // A list: `count` is small, and a set takes longer to make than this to look through.
  const chosen: number[] = [];
  for (let bound = Math.max(0, length - count); bound < length; bound++) {
    const drawn = below(bound + 1, random);
    chosen.push(chosen.includes(drawn) ? bound : drawn);
  }
  return chosen;
}
