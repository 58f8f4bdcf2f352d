import fc from "fast-check";
import { expect, test } from "vitest";
import {
  frameSignalFrom,
  frameSignalTo,
  isSignalFrom,
  isSignalTo,
  LIMITS,
  PEER_ID_LENGTH,
  parseSignal,
} from "../../../tracker/protocol/index.ts";
import { peerId } from "../../unit/tracker/support/values.ts";

const peerArb = fc.string().map((name) => peerId(name));
const payloadArb = fc.oneof(
  fc.string({ minLength: 1, unit: "binary" }),
  fc.string({ minLength: 1 }),
  fc.constantFrom(1, 2, LIMITS.signalLength - 1, LIMITS.signalLength).map((length) => "x".repeat(length)),
);

test("what is framed is parsed back, and its direction is told by the first character", () => {
  fc.assert(
    fc.property(peerArb, payloadArb, (peer, payload) => {
      expect(parseSignal(frameSignalTo(peer, payload))).toEqual({ peer, payload });
      expect(parseSignal(frameSignalFrom(peer, payload))).toEqual({ peer, payload });
      expect([isSignalTo(frameSignalTo(peer, payload)), isSignalFrom(frameSignalTo(peer, payload))]).toEqual([
        true,
        false,
      ]);
      expect([isSignalTo(frameSignalFrom(peer, payload)), isSignalFrom(frameSignalFrom(peer, payload))]).toEqual([
        false,
        true,
      ]);
    }),
  );
});

test("rubbish is refused or is a frame, never an exception", () => {
  const near = fc
    .tuple(peerArb, payloadArb, fc.nat(PEER_ID_LENGTH + 2), fc.string({ maxLength: 3 }))
    .map(([peer, payload, at, noise]) => {
      const frame = frameSignalTo(peer, payload);
      return frame.slice(0, at) + noise + frame.slice(at + noise.length);
    });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), near), (text) => {
      const signal = parseSignal(text);
      if (!signal) return;
      expect(signal.peer).toHaveLength(PEER_ID_LENGTH);
      expect(frameSignalTo(signal.peer, signal.payload).slice(1)).toBe(text.slice(1));
    }),
  );
});

test("an empty payload and one above the limit are refused", () => {
  const peer = peerId("x");
  expect(parseSignal(frameSignalTo(peer, ""))).toBeUndefined();
  expect(parseSignal(frameSignalTo(peer, "x".repeat(LIMITS.signalLength + 1)))).toBeUndefined();
  expect(parseSignal(`>${peer.slice(1)}payload`.slice(0, PEER_ID_LENGTH))).toBeUndefined();
});
