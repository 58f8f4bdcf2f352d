import { describe, expect, it } from "vitest";
import { decodeFrame, encodeFrame, FRAME_FAULTS } from "../../../../player/protocol/index.ts";
import { malformedFrames, toHex, validFrames } from "../../../vectors/peer-frames.ts";
import { faultOf } from "./fault-of.ts";

const TYPES = [
  "hello",
  "position",
  "map",
  "have",
  "lost",
  "buying",
  "tracker",
  "vouch",
  "request",
  "cancel",
  "block",
  "refuse",
];

describe("golden peer frames", () => {
  it.each(validFrames)("writes $name", ({ frame, bytes }) => {
    expect(toHex(encodeFrame(frame))).toBe(toHex(bytes));
  });

  it.each(validFrames)("reads $name", ({ frame, bytes }) => {
    expect(decodeFrame(bytes)).toStrictEqual(frame);
  });

  it.each(malformedFrames)("refuses $name as $fault", ({ bytes, fault }) => {
    expect(faultOf(() => decodeFrame(bytes))).toBe(fault);
  });

  it.each(TYPES)("has two or more vectors of %s", (type) => {
    expect(validFrames.filter(({ frame }) => frame.t === type).length).toBeGreaterThanOrEqual(2);
  });

  it("has a vector of every fault but too-large", () => {
    const seen = new Set(malformedFrames.map(({ fault }) => fault));
    expect(FRAME_FAULTS.filter((fault) => !seen.has(fault))).toEqual(["too-large"]);
  });
});
