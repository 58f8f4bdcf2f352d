/** Below this many viewers every one counts: elections among a handful need the exact number. */
export const EXACT_SIZE = 16;
/**
 * Above, a change smaller than this fraction is not worth a message to everybody: an election is as good with a size that is a
 * quarter off, and in a growing swarm each join costs about one message for each 1 / fraction.
 */
export const SIZE_STEP = 0.25;

/** Is `now` so different from the size that a viewer was `told` that it should be told again. */
export function isSizeStep(told: number, now: number): boolean {
  const change = Math.abs(now - told);
  return Math.min(told, now) < EXACT_SIZE ? change >= 1 : change >= told * SIZE_STEP;
}
