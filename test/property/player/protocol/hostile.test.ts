import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { decodeFrame, encodeFrame, type Frame, FrameError, PEER_LIMITS } from "../../../../player/protocol/index.ts";
import { frame } from "./frames.ts";

/** Least bytes of a map entry: form, media sequence number, part, size. */
const ENTRY_BYTES = 4;

/** One way to damage a message; `at` and `value` are taken modulo what there is. */
type Damage = { readonly how: "flip" | "cut" | "insert" | "remove" | "set" | "repeat"; at: number; value: number };

const damage: fc.Arbitrary<Damage> = fc.record({
  how: fc.constantFrom(
    "flip" as const,
    "cut" as const,
    "insert" as const,
    "remove" as const,
    "set" as const,
    "repeat" as const,
  ),
  // Heads are where the meaning is: most damage goes there.
  at: fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: PEER_LIMITS.frameBytes })),
  value: fc.oneof(fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff), fc.nat({ max: 255 })),
});

function damaged(bytes: Uint8Array, { how, at, value }: Damage): Uint8Array {
  if (bytes.length === 0) return bytes;
  const place = at % bytes.length;
  const before = bytes.subarray(0, place);
  const byte = bytes[place] ?? 0;
  const after = bytes.subarray(place + 1);
  const join = (...pieces: Uint8Array[]) => new Uint8Array(Buffer.concat(pieces));
  switch (how) {
    case "flip":
      return join(before, Uint8Array.of(byte ^ (1 << (value & 7))), after);
    case "set":
      return join(before, Uint8Array.of(value), after);
    case "cut":
      return join(before);
    case "insert":
      return join(before, Uint8Array.of(value, byte), after);
    case "remove":
      return join(before, after);
    case "repeat":
      return join(before, Uint8Array.of(...new Array<number>(value % 12).fill(byte)), bytes.subarray(place));
  }
}

/** The same bytes, and how many times one of them was read. */
function counted(bytes: Uint8Array): { view: Uint8Array; reads: () => number } {
  let reads = 0;
  const view = new Proxy(bytes, {
    get(target, key): unknown {
      if (typeof key === "string" && /^\d+$/.test(key)) reads += 1;
      return Reflect.get(target, key);
    },
  });
  return { view, reads: () => reads };
}

/** Bytes that a frame keeps besides its numbers, as far as they grow with the message. */
function kept(frame: Frame): number {
  if (frame.t === "block") return frame.bytes.length;
  if (frame.t !== "map") return 0;
  return frame.entries.reduce((sum, { blocks }) => sum + ENTRY_BYTES + (blocks === "all" ? 0 : blocks.length), 0);
}

/** Whatever comes in: a frame that has this one form, or a FrameError; and no byte is looked at twice. */
function check(bytes: Uint8Array): void {
  const { view, reads } = counted(bytes);
  try {
    const frame = decodeFrame(view);
    assert.ok(Buffer.from(encodeFrame(frame)).equals(bytes), "accepted bytes are not what encodeFrame writes");
    assert.ok(kept(frame) <= bytes.length, "the frame holds more than the message did");
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
  }
  assert.ok(reads() <= bytes.length + 1, `${reads()} reads of ${bytes.length} bytes`);
}

describe("decodeFrame, for bytes of a hostile neighbour", () => {
  it("damaged frames: one form or a FrameError, in one pass", () => {
    const hostile = fc
      .tuple(frame, fc.array(damage, { minLength: 1, maxLength: 4 }))
      .map(([sent, damages]) => damages.reduce(damaged, encodeFrame(sent)));
    fc.assert(fc.property(hostile, check), { numRuns: 3000 });
  });

  it("random bytes: one form or a FrameError, in one pass", () => {
    const random = fc.tuple(
      fc.oneof(fc.integer({ min: 1, max: 10 }), fc.nat({ max: 255 })),
      fc.uint8Array({ maxLength: 80 }),
    );
    fc.assert(
      fc.property(random, ([type, rest]) => check(Uint8Array.of(type, ...rest))),
      { numRuns: 5000 },
    );
  });

  it("counts of any size in front of few bytes", () => {
    const varint = fc
      .tuple(fc.array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 10 }), fc.nat({ max: 0x7f }))
      .map(([more, last]) => [...more, last]);
    fc.assert(
      fc.property(varint, fc.uint8Array({ maxLength: 40 }), (count, rest) =>
        check(Uint8Array.of(3, ...count, ...rest)),
      ),
      { numRuns: 2000 },
    );
  });
});
