import type { Core } from "./core.ts";
import type { Segment } from "./segment.ts";

/**
 * After so many segments that it left to others in vain a viewer leaves no more to them, until one comes from somebody or a
 * neighbour buys one: those who are alone in their rendition would only watch with less in the buffer.
 */
const MOST_VAIN = 2;

/** Is it no use to leave this segment to others? */
export const isVain = (core: Core, { key }: Segment): boolean => (core.vain.get(key.rendition) ?? 0) >= MOST_VAIN;

/** A wanted segment is whole: was it of any use to leave it to others? */
export function learnPatience(core: Core, { key, sources, leftInVain }: Segment): void {
  if (sources.peer + sources.relay > 0) core.vain.delete(key.rendition);
  else if (leftInVain) core.vain.set(key.rendition, (core.vain.get(key.rendition) ?? 0) + 1);
}
