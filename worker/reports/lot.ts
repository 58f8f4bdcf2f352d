/** Draws one of `lots` (2 or more) for a text, evenly and always the same: FNV-1a, with its high bits stirred in. No secret. */
export const lotOf = (text: string, lots: number): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 15)) >>> 0) % lots;
};
