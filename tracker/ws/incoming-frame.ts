/**
 * A frame as it lies in what has come in (RFC 6455 section 5.2): where its payload begins, and where it ends, which may be past what
 * has come.
 */
export type IncomingFrame = { readonly kind: "text" | "ping" | "pong"; readonly payload: number; readonly end: number };

/** By the first byte: final, without extensions. */
const KINDS: ReadonlyMap<number, IncomingFrame["kind"]> = new Map([
  [0x81, "text"],
  [0x89, "ping"],
  [0x8a, "pong"],
]);
/** Set in the second byte, beside the length. */
const MASKED = 0x80;
const MASK_BYTES = 4;
/** Lengths up to this stand in the second byte. */
const SHORT = 125;
/** Stands there instead, where the length is in the two bytes behind it. */
const LENGTH_FOLLOWS = 126;

/**
 * The frame at `at` in `chunk`. `undefined` when it is none that players send time and again: a fragment, a binary or a very long
 * message, a closing frame, one that breaks the protocol; or when its head has not come as a whole.
 */
export function frameAt(chunk: Buffer, at: number): IncomingFrame | undefined {
  const kind = KINDS.get(chunk[at] ?? 0);
  const length = (chunk[at + 1] ?? 0) - MASKED;
  if (kind === undefined || length < 0) return undefined;
  if (length <= SHORT) {
    const payload = at + 2 + MASK_BYTES;
    return { kind, payload, end: payload + length };
  }
  const payload = at + 4 + MASK_BYTES;
  if (length > LENGTH_FOLLOWS || kind !== "text" || payload > chunk.length) return undefined;
  return { kind, payload, end: payload + chunk.readUInt16BE(at + 2) };
}

/**
 * Takes the mask off a payload that has come as a whole, where it lies (section 5.3), or puts it on again: the mask stands in front
 * of it.
 */
export function unmask(chunk: Buffer, { payload, end }: IncomingFrame): void {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const mask = view.getInt32(payload - MASK_BYTES, true);
  const words = end - ((end - payload) % MASK_BYTES);
  for (let at = payload; at < words; at += MASK_BYTES) view.setInt32(at, view.getInt32(at, true) ^ mask, true);
  for (let at = words; at < end; at++) view.setUint8(at, view.getUint8(at) ^ (mask >> (8 * (at - words))));
}
