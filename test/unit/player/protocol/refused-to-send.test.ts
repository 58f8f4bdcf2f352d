import { describe, expect, it } from "vitest";
import { encodeFrame, type Frame, type RenditionId, renditionId } from "../../../../player/protocol/index.ts";
import { faultOf } from "./fault-of.ts";

const key = { rendition: renditionId("720p"), msn: 1042 };
const named = (rendition: string): Frame => ({ t: "lost", key: { ...key, rendition: rendition as RenditionId } });
const have = { t: "have", key, bytes: 200_000, from: 0, count: 4 } as const;
const request = { t: "request", id: 5, key, from: 0, count: 64 } as const;

const outOfRange: [string, Frame][] = [
  ["version 0", { t: "hello", version: 0, upload: "share", ageMs: 0 }],
  ["an unknown upload choice", { t: "hello", version: 1, upload: "off" as "share", ageMs: 0 }],
  ["a negative media sequence number", { t: "lost", key: { ...key, msn: -1 } }],
  ["a fractional media sequence number", { t: "lost", key: { ...key, msn: 0.5 } }],
  ["a media sequence number that is no number", { t: "lost", key: { ...key, msn: Number.NaN } }],
  ["an endless media sequence number", { t: "lost", key: { ...key, msn: Number.POSITIVE_INFINITY } }],
  ["a media sequence number of 2^53", { t: "lost", key: { ...key, msn: 2 ** 53 } }],
  ["part -1", { t: "lost", key: { ...key, part: -1 } }],
  ["part 1024", { t: "lost", key: { ...key, part: 1024 } }],
  ["an empty rendition", named("")],
  ["a rendition of 65 characters", named("r".repeat(65))],
  ["a segment of 0 bytes", { ...have, bytes: 0 }],
  ["no block held", { ...have, count: 0 }],
  ["blocks beyond the segment", { ...have, from: 1 }],
  ["a request for no block", { ...request, count: 0 }],
  ["a request for 65 blocks", { ...request, count: 65 }],
  ["a request beyond block 1023", { ...request, from: 961 }],
  ["request id 2^32", { t: "cancel", id: 2 ** 32 }],
  ["a block with an endless id", { t: "block", id: Number.POSITIVE_INFINITY, index: 0, bytes: Uint8Array.of(1) }],
  ["block 1024", { t: "block", id: 1, index: 1024, bytes: Uint8Array.of(1) }],
  ["an unknown refusal", { t: "refuse", id: 1, reason: "tired" as "busy" }],
];

describe("encodeFrame never sends what others refuse", () => {
  it.each(outOfRange)("%s is out-of-range", (_, frame) => {
    expect(faultOf(() => encodeFrame(frame))).toBe("out-of-range");
  });

  it.each(["a/b", "a b", "é", "a\n", "\u{1f41f}"])("rendition %j is bad-text", (rendition) => {
    expect(faultOf(() => encodeFrame(named(rendition)))).toBe("bad-text");
  });

  it("a frame of an unknown type is unknown-type", () => {
    expect(faultOf(() => encodeFrame({ t: "ping" } as unknown as Frame))).toBe("unknown-type");
  });
});
