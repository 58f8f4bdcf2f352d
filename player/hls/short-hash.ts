/** A 53-bit hash of a text (two FNV-1a runs, one from each end), base 36. For names only: it withstands no attacker. */
export function shortHash(text: string): string {
  let there = 0x811c9dc5;
  let back = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    there = Math.imul(there ^ text.charCodeAt(i), 0x01000193);
    back = Math.imul(back ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return ((there >>> 11) * 2 ** 32 + (back >>> 0)).toString(36);
}
