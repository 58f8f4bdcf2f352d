/** Fields and values of a hash, in whichever shape the protocol's version brings them. */
export function pairsOf(reply: unknown): [string, unknown][] {
  if (reply instanceof Map) return [...reply].map(([field, value]) => [String(field), value]);
  if (Array.isArray(reply)) {
    return Array.from({ length: reply.length / 2 }, (_, index) => [String(reply[2 * index]), reply[2 * index + 1]]);
  }
  return typeof reply === "object" && reply !== null ? Object.entries(reply) : [];
}
