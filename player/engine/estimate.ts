import type { Millis } from "./types.ts";

/** Weight of the newest measurement in a moving average. */
const NEWEST = 0.3;

/** Before the first measurement: a slow CDN, so that the first guess errs towards asking it early. */
const CDN_FIRST_BYTE_MS = 300;
const CDN_BYTES_PER_MS = 250;

/** A moving average; `undefined` before the first measurement. */
export const average = (before: number | undefined, measured: number): number =>
  before === undefined ? measured : before + NEWEST * (measured - before);

/** What the CDN was measured to do. */
export type CdnEstimate = {
  firstByteMs: Millis | undefined;
  bytesPerMs: number | undefined;
  /** What the line carried while most of it came from the CDN: what it can do for a viewer whose line is no wider. */
  undisturbedBytesPerMs: number | undefined;
  /** What the line carried while neighbours brought a fifth of that or more. */
  sharedBytesPerMs: number | undefined;
  /** When the rate was measured last. */
  measuredAt: Millis;
  /** When it failed last; -Infinity for never. */
  failedAt: Millis;
  /** Does it send the part of a segment that it is asked for, or always all of it? */
  ranges: "unknown" | "sent" | "ignored";
};

/** Milliseconds that the CDN will likely take for `bytes` bytes. */
export function cdnMs(estimate: CdnEstimate, bytes: number): Millis {
  return (estimate.firstByteMs ?? CDN_FIRST_BYTE_MS) + bytes / Math.max(1, estimate.bytesPerMs ?? CDN_BYTES_PER_MS);
}

/** Fewer bytes tell the first byte's time, not the rate; unless they took longer than this, in milliseconds. */
const TELLING_BYTES = 32 * 1024;
export const TELLING_MS = 1000;

/** Did the CDN have less than half of a line that brought `lineBytes` meanwhile? */
export const isDisturbed = (bytes: number, lineBytes: number): boolean => bytes < lineBytes / 2;

/** Did neighbours have a fifth or more of a line that brought `lineBytes` meanwhile? */
const isShared = (bytes: number, lineBytes: number): boolean => bytes < 0.8 * lineBytes;

/** Takes in a finished or aborted transfer. */
export function measureCdn(
  estimate: CdnEstimate,
  of: {
    readonly firstByteMs: Millis;
    readonly bytes: number;
    readonly bodyMs: Millis;
    /** Came over the line in the same time. */
    readonly lineBytes: number;
    readonly now: Millis;
  },
): void {
  estimate.firstByteMs = average(estimate.firstByteMs, of.firstByteMs);
  if (of.bytes < TELLING_BYTES && of.bodyMs < TELLING_MS) return;
  estimate.bytesPerMs = average(estimate.bytesPerMs, Math.max(TELLING_BYTES, of.bytes) / Math.max(1, of.bodyMs));
  estimate.measuredAt = of.now;
  const line = of.lineBytes / Math.max(1, of.bodyMs);
  if (isShared(of.bytes, of.lineBytes)) estimate.sharedBytesPerMs = average(estimate.sharedBytesPerMs, line);
  if (!isDisturbed(of.bytes, of.lineBytes)) {
    estimate.undisturbedBytesPerMs = average(estimate.undisturbedBytesPerMs, line);
  }
}
