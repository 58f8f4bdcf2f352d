/**
 * A well-mixed 32-bit hash of a text (FNV-1a with a final avalanche), as a fraction in [0, 1). Every viewer gets the same
 * answer, which is all that ranking needs; it protects nothing.
 */
export function fraction(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000;
}
