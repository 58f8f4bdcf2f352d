/**
 * WebSocket close codes of the tracker (RFC 6455 section 7.4.2 leaves 4000-4999 to applications), chosen after the HTTP status
 * with the same meaning. 1009 (too big) is the protocol's own and is sent for a message above `LIMITS.messageBytes`.
 */
export const CLOSE_CODES = {
  malformed: 4400,
  unauthorised: 4401,
  originNotAllowed: 4403,
  joinTimeout: 4408,
  unsupportedVersion: 4426,
  rateLimited: 4429,
  full: 4507,
  draining: 4503,
} as const;
export type CloseReason = keyof typeof CLOSE_CODES;

/** After one of these a viewer must not simply connect again: the next try would end the same way. */
export const FINAL_CLOSE_CODES: ReadonlySet<number> = new Set([
  CLOSE_CODES.malformed,
  CLOSE_CODES.unauthorised,
  CLOSE_CODES.originNotAllowed,
  CLOSE_CODES.unsupportedVersion,
]);
