import * as v from "valibot";
import { PEER_ID_LENGTH, type PeerId, PeerIdSchema } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/**
 * A signal (SDP offer or answer, trickled ICE candidate) travels outside JSON: one text message of `>`, the addressee's peer
 * id, and the payload. The tracker swaps the head for `<` and the sender's id and never reads the payload; the receiving
 * player checks it.
 */
export type SignalFrame = { readonly peer: PeerId; readonly payload: string };

const TO = ">";
const FROM = "<";

/** Viewer -> tracker. */
export const frameSignalTo = (to: PeerId, payload: string): string => TO + to + payload;
/** Tracker -> viewer. */
export const frameSignalFrom = (from: PeerId, payload: string): string => FROM + from + payload;

/** True when a text message is a signal on its way to the tracker, not JSON. */
export const isSignalTo = (text: string): boolean => text.startsWith(TO);
/** True when a text message is a signal that the tracker relayed, not JSON. */
export const isSignalFrom = (text: string): boolean => text.startsWith(FROM);

/** Splits a signal message; `undefined` when the id is malformed, or the payload empty or above `LIMITS.signalLength`. */
export function parseSignal(text: string): SignalFrame | undefined {
  const head = 1 + PEER_ID_LENGTH;
  const payload = text.slice(head);
  if (payload.length === 0 || payload.length > LIMITS.signalLength) return undefined;
  const id = v.safeParse(PeerIdSchema, text.slice(1, head));
  return id.success ? { peer: id.output, payload } : undefined;
}
