import { LIMITS, PEER_ID_LENGTH } from "../protocol/index.ts";

/** Signal frames as the bytes that came in (see `protocol/signal.ts`). Ids are ASCII: as long in bytes as in characters. */
const HEAD_LENGTH = 1 + PEER_ID_LENGTH;
const TO = ">".charCodeAt(0);

export const isSignalFrame = (message: Buffer): boolean => message[0] === TO;

/** The text that stands where a signal frame names its addressee; `undefined` when its payload is empty or too long. */
export function addresseeOf(frame: Buffer): string | undefined {
  const bytes = frame.length - HEAD_LENGTH;
  if (bytes <= 0) return undefined;
  // A character takes at least a byte, so that only what is long in bytes is worth counting in characters.
  if (bytes > LIMITS.signalLength && frame.toString("utf8", HEAD_LENGTH).length > LIMITS.signalLength) return undefined;
  return frame.toString("latin1", 1, HEAD_LENGTH);
}

export const payloadOf = (frame: Buffer): string => frame.toString("utf8", HEAD_LENGTH);
