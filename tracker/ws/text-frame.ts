import type { PeerId } from "../protocol/index.ts";

/** What goes out as one text message: a text, or a signal as it came in, under its sender's name. */
export type Outgoing = string | RelayedSignal;

/** The bytes of a signal frame (see `protocol/signal.ts`): its payload goes out unread. */
export type RelayedSignal = { readonly sender: PeerId; readonly signal: Buffer };

const FINAL_TEXT = 0x81;
/** Payloads up to so many bytes have their length in the second byte; longer ones in two bytes, or in eight. */
const SHORT = 125;
const MEDIUM = 65_535;
const FROM = "<".charCodeAt(0);

/** Length in bytes of a message's frame. */
export function frameLength(message: Outgoing): number {
  const bytes = payloadLength(message);
  return headLength(bytes) + bytes;
}

/**
 * Writes a message's frame as it goes over the wire (RFC 6455 section 5.2: final, unmasked, opcode 1) to `at` in `into`, where there
 * must be room for it, and answers with where it ends. `ws` would write its head and its payload as two pieces, which costs
 * the socket half as much again.
 */
export function writeFrame(message: Outgoing, into: Buffer, at: number): number {
  const bytes = payloadLength(message);
  const start = at + headLength(bytes);
  into[at] = FINAL_TEXT;
  if (bytes <= SHORT) into[at + 1] = bytes;
  else if (bytes <= MEDIUM) {
    into[at + 1] = SHORT + 1;
    into[at + 2] = bytes >> 8;
    into[at + 3] = bytes & 0xff;
  } else {
    into[at + 1] = SHORT + 2;
    into.writeBigUInt64BE(BigInt(bytes), at + 2);
  }
  if (typeof message === "string") into.write(message, start, "utf8");
  else {
    // `>` and the addressee's id are as long as `<` and the sender's.
    into.set(message.signal, start);
    into[start] = FROM;
    into.write(message.sender, start + 1, "latin1");
  }
  return start + bytes;
}

const payloadLength = (message: Outgoing): number =>
  typeof message === "string" ? Buffer.byteLength(message) : message.signal.length;

const headLength = (bytes: number): number => (bytes <= SHORT ? 2 : bytes <= MEDIUM ? 4 : 10);
