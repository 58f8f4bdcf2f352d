import { expect, test } from "vitest";
import { frameLength, type Outgoing, writeFrame } from "../../../../tracker/ws/text-frame.ts";
import { peerId } from "../support/values.ts";

/** The frame of a message, written behind other bytes. */
function frameOf(message: Outgoing): Buffer {
  const into = Buffer.alloc(3 + frameLength(message), 0xee);
  expect(writeFrame(message, into, 3)).toBe(into.length);
  expect([...into.subarray(0, 3)]).toEqual([0xee, 0xee, 0xee]);
  return into.subarray(3);
}

/** RFC 6455 section 5.2: what stands in the head, by the payload's length in bytes. */
test.each([
  [0, [0x81, 0]],
  [125, [0x81, 125]],
  [126, [0x81, 126, 0, 126]],
  [65_535, [0x81, 126, 0xff, 0xff]],
  [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
])("a text of %d bytes", (bytes, head) => {
  const text = "x".repeat(bytes);
  const frame = frameOf(text);
  expect([...frame.subarray(0, head.length)]).toEqual(head);
  expect(frame.toString("utf8", head.length)).toBe(text);
});

test("a length is in bytes, not in characters", () => {
  expect([...frameOf("é🐟")]).toEqual([0x81, 6, ...Buffer.from("é🐟")]);
});

test("a relayed signal keeps its payload to the byte, and names its sender", () => {
  const [to, from] = [peerId("to"), peerId("from")];
  const signal = Buffer.from(`>${to}${'{"sdp":"é🐟"}'.repeat(20)}`);
  const before = Buffer.from(signal);
  const frame = frameOf({ sender: from, signal });
  expect(frame.toString("utf8", 4)).toBe(`<${from}${before.toString("utf8", 23)}`);
  // What came in may still be read by others.
  expect(signal).toEqual(before);
});
