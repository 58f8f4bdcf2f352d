import { describe, expect, it } from "vitest";
import {
  decodeFrame,
  encodeFrame,
  fitMap,
  type MapEntry,
  PEER_LIMITS,
  renditionId,
} from "../../../../player/protocol/index.ts";
import { faultOf } from "./fault-of.ts";

const whole = (msn: number, rendition = "720p"): MapEntry => ({
  key: { rendition: renditionId(rendition), msn },
  bytes: 200_000,
  blocks: "all",
});
const windowOf = (length: number): MapEntry[] => Array.from({ length }, (_, at) => whole(1000 + at));
const map = (entries: readonly MapEntry[]) => ({ t: "map", entries }) as const;

/** As large as an entry gets: a rendition of 64 characters that differs from the one before, and a bitmap of 1024 blocks. */
const largest = (at: number): MapEntry => ({
  key: { rendition: renditionId(`${at % 2}`.padEnd(64, "r")), msn: PEER_LIMITS.msn, part: PEER_LIMITS.part },
  bytes: PEER_LIMITS.segmentBytes,
  blocks: new Uint8Array(128).fill(0x55),
});
const LARGEST_BYTES = 1 + 65 + 8 + 2 + 4 + 128;

describe("map frames", () => {
  it.each([0, 1, 127, 128, 255, 256, 257, 511, 512])("carry a window of %i segments", (length) => {
    const entries = windowOf(length);
    expect(decodeFrame(encodeFrame(map(entries)))).toStrictEqual(map(entries));
  });

  it("name the rendition of a window once", () => {
    const named =
      Buffer.from(encodeFrame(map(windowOf(257))))
        .toString("latin1")
        .split("720p").length - 1;
    expect(named).toBe(1);
  });

  it("are not sent with more entries than the cap", () => {
    expect(faultOf(() => encodeFrame(map(windowOf(513))))).toBe("out-of-range");
  });

  it("are not sent above the frame cap", () => {
    const entries = Array.from({ length: PEER_LIMITS.mapEntries }, (_, at) => largest(at));
    expect(faultOf(() => encodeFrame(map(entries)))).toBe("too-large");
  });

  it("are refused above the frame cap before anything in them is read", () => {
    expect(faultOf(() => decodeFrame(new Uint8Array(PEER_LIMITS.frameBytes + 1)))).toBe("too-large");
    expect(faultOf(() => decodeFrame(new Uint8Array(PEER_LIMITS.frameBytes)))).toBe("unknown-type");
  });

  it("give bitmaps of their own, so that a kept map keeps no message alive", () => {
    const message = encodeFrame(map([largest(0)]));
    const frame = decodeFrame(message);
    message.fill(0);
    expect(frame).toStrictEqual(map([largest(0)]));
  });

  it.each([
    ["too short", new Uint8Array(0)],
    ["too long", new Uint8Array(2)],
    ["with a bit beyond the last block", Uint8Array.of(0x10)],
  ])("are not sent with a bitmap %s", (_, blocks) => {
    expect(faultOf(() => encodeFrame(map([{ ...whole(1), blocks }])))).toBe("out-of-range");
  });
});

describe("fitMap", () => {
  it.each([0, 1, 255, 256, 257, 512])("keeps a window of %i segments", (length) => {
    const entries = windowOf(length);
    expect(fitMap(entries)).toStrictEqual(entries);
  });

  it("keeps no more entries than the cap", () => {
    expect(fitMap(windowOf(600))).toStrictEqual(windowOf(PEER_LIMITS.mapEntries));
  });

  it("fills the frame and stops before it overflows", () => {
    const entries = Array.from({ length: 600 }, (_, at) => largest(at));
    const kept = fitMap(entries);
    expect(kept.length).toBe(Math.floor((PEER_LIMITS.frameBytes - 3) / LARGEST_BYTES));
    expect(encodeFrame(map(kept)).length).toBeLessThanOrEqual(PEER_LIMITS.frameBytes);
    expect(faultOf(() => encodeFrame(map(entries.slice(0, kept.length + 1))))).toBe("too-large");
  });

  it("uses the frame to its last byte", () => {
    const full = Math.floor((PEER_LIMITS.frameBytes - 3) / LARGEST_BYTES);
    const left = PEER_LIMITS.frameBytes - 3 - full * LARGEST_BYTES;
    // Form, length, name, msn, part, four bytes of size, and a bitmap of 400 blocks.
    const last = (nameLength: number): MapEntry => ({
      key: { rendition: renditionId("z".repeat(nameLength)), msn: 0 },
      bytes: 400 * PEER_LIMITS.blockBytes,
      blocks: new Uint8Array(50),
    });
    const before = Array.from({ length: full }, (_, at) => largest(at));
    const nameLength = left - (1 + 1 + 1 + 1 + 4 + 50);
    const kept = fitMap([...before, last(nameLength)]);
    expect(encodeFrame(map(kept)).length).toBe(PEER_LIMITS.frameBytes);
    expect(fitMap([...before, last(nameLength + 1)]).length).toBe(full);
  });

  it.each([127, 128, 16_383, 16_384, 2 ** 49 - 1, 2 ** 49])("knows the size of entries at %i", (msn) => {
    const entries = Array.from({ length: 512 }, (_, at) => ({ ...largest(at), key: { ...largest(at).key, msn } }));
    const kept = fitMap(entries);
    expect(faultOf(() => encodeFrame(map(kept)))).toBeUndefined();
    expect(faultOf(() => encodeFrame(map(entries.slice(0, kept.length + 1))))).toBe("too-large");
  });

  it("comes to an end for an entry that is wrong, which encodeFrame then refuses", () => {
    const kept = fitMap([whole(Number.POSITIVE_INFINITY), whole(Number.NaN)]);
    expect(faultOf(() => encodeFrame(map(kept)))).toBe("out-of-range");
  });

  it("leaves the caller's list as it is", () => {
    const entries = windowOf(600);
    fitMap(entries);
    expect(entries.length).toBe(600);
  });
});
