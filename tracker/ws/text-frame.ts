import type { Brand } from "valibot";
import { PEER_ID_LENGTH, type PeerId, type TrackerMessage } from "../protocol/index.ts";

/**
 * One text message as it goes over the wire (RFC 6455 section 5.2: final, unmasked, opcode 1), in one piece. `ws` would write its
 * head and its payload as two, which costs the socket half as much again, and would frame a message anew for each receiver.
 */
export type TextFrame = Buffer & Brand<"TextFrame">;

const FINAL_TEXT = 0x81;
/** Payloads up to so many bytes have their length in the second byte; longer ones in two bytes, or in eight. */
const SHORT = 125;
const MEDIUM = 65_535;
/** Text of a signal on its way to its receiver: `<`, the sender's id, the payload (see `protocol/signal.ts`). */
const FROM = "<";
const SIGNAL_HEAD = FROM.length + PEER_ID_LENGTH;

export function textFrame(text: string): TextFrame {
  const { frame, head } = emptyFrame(Buffer.byteLength(text));
  frame.write(text, head, "utf8");
  return frame;
}

export const messageFrame = (message: TrackerMessage): TextFrame => textFrame(JSON.stringify(message));

/** The text of a message that goes to several viewers one after the other: one for all, as long as it says the same. */
export function sharedText(message: TrackerMessage): string {
  const text = JSON.stringify(message);
  if (text !== lastShared) lastShared = text;
  return lastShared;
}

let lastShared = "";

/** The frame from `sender` of a signal frame's bytes: the same payload under another head. */
export function relayFrame(sender: PeerId, signal: Buffer): TextFrame {
  const { frame, head } = emptyFrame(signal.length);
  frame.write(FROM + sender, head, "latin1");
  signal.copy(frame, head + SIGNAL_HEAD, SIGNAL_HEAD);
  return frame;
}

function emptyFrame(bytes: number): { readonly frame: TextFrame; readonly head: number } {
  const head = bytes <= SHORT ? 2 : bytes <= MEDIUM ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + bytes) as TextFrame;
  frame[0] = FINAL_TEXT;
  frame[1] = bytes <= SHORT ? bytes : bytes <= MEDIUM ? SHORT + 1 : SHORT + 2;
  if (head === 4) frame.writeUInt16BE(bytes, 2);
  if (head === 10) frame.writeBigUInt64BE(BigInt(bytes), 2);
  return { frame, head };
}
