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
};

/** Milliseconds that the CDN will likely take for `bytes` bytes. */
export function cdnMs(estimate: CdnEstimate, bytes: number): Millis {
  return (estimate.firstByteMs ?? CDN_FIRST_BYTE_MS) + bytes / Math.max(1, estimate.bytesPerMs ?? CDN_BYTES_PER_MS);
}

/** Takes in a finished or aborted transfer. Small ones tell the first byte's time, not the rate. */
export function measureCdn(estimate: CdnEstimate, firstByteMs: Millis, bytes: number, bodyMs: Millis): void {
  estimate.firstByteMs = average(estimate.firstByteMs, firstByteMs);
  if (bytes >= 32 * 1024) estimate.bytesPerMs = average(estimate.bytesPerMs, bytes / Math.max(1, bodyMs));
}
