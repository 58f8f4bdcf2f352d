import { expect, it } from "vitest";
import { key } from "../../../support/engine-harness.ts";
import { BLOCK, BLOCKS, BYTES, cdnOf, viewer } from "./rig.ts";

/** Bytes a millisecond. */
const RATE = 400;
const FIRST_BYTE_MS = cdnOf(RATE).firstByteMs;

/** hls.js takes its estimate from these: a transfer whose last block completes the segment is still under way then. */
function transferOf(v: ReturnType<typeof viewer>) {
  const report = v.of("deliver").at(-1)?.report;
  if (report === undefined) throw new Error("nothing was delivered");
  const { bytes, ms, firstByteMs } = report.cdnTransfer;
  return { bytes, firstByteMs, bytesPerMs: bytes / (ms - firstByteMs) };
}

it("a segment from the CDN tells its transfer's own rate and first byte", () => {
  const v = viewer("me", { size: 1, cdn: cdnOf(RATE) });
  v.wants(key(1), 60_000);
  while (v.of("deliver").length === 0) v.pass(100);
  const { bytes, firstByteMs, bytesPerMs } = transferOf(v);
  expect(bytes).toBe(BYTES);
  expect(firstByteMs).toBeGreaterThanOrEqual(FIRST_BYTE_MS);
  expect(firstByteMs).toBeLessThan(2 * FIRST_BYTE_MS);
  expect(bytesPerMs / RATE).toBeGreaterThan(0.85);
  expect(bytesPerMs / RATE).toBeLessThan(1.15);
});

it("a segment of which the CDN sent the last blocks tells the rate of these alone", () => {
  const v = viewer("me", { size: 2, cdn: cdnOf(RATE) });
  const peer = v.peer("a");
  v.offers(peer, key(1), 0, BLOCKS / 2);
  v.wants(key(1), 8000);
  v.knows(key(1));
  v.serves(peer);
  for (let ms = 0; ms < 8000 && v.of("deliver").length === 0; ms += 100) v.pass(100);
  const { bytes, bytesPerMs } = transferOf(v);
  expect(bytes).toBe((BLOCKS / 2) * BLOCK);
  expect(bytesPerMs / RATE).toBeGreaterThan(0.85);
  expect(bytesPerMs / RATE).toBeLessThan(1.15);
});
