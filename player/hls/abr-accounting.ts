/**
 * What hls.js makes of a loader's statistics, and what Shoal therefore tells it.
 *
 * When a fragment is buffered, hls.js takes one sample of the bandwidth: `loaded` bytes in
 *     parsing.end - loading.start - min(loading.first - loading.start, its estimate of the time to first byte)
 * milliseconds, and mixes it into two moving averages, each weighted by those milliseconds. Its estimate is the smaller of the
 * two. A sample that equals the estimate leaves it as it is, but still pulls the higher average down to it, so that many of
 * them would hinder the next climb. Hence a segment that says nothing about the network gives no sample at all (see
 * `abr-silence.ts`), and its times are those the network would have taken, for whoever else reads them.
 *
 * While a fragment loads, hls.js looks every 100 ms whether it comes in time: bytes so far over the time since `loading.first`
 * is the rate, and when the rest takes longer than the buffer lasts it drops to a lower level.
 */
import type { FillReport, Millis } from "../engine/types.ts";
import { PEER_LIMITS } from "../protocol/index.ts";
import type { CdnProgress } from "../session/cdn-side.ts";

/** hls.js' own view of the network. */
export type NetworkEstimate = { readonly bitsPerSecond: number; readonly firstByteMs: Millis };

/** `loading` of hls.js' loader statistics, on the clock of `performance.now()`. */
export type LoadTimes = { start: Millis; first: Millis; end: Millis };

/** A part smaller than this tells of the latency, not of the rate. In bytes. */
const LEAST_MEASURE_BYTES = 32 * 1024;

/** What hls.js assumes before its first measurement, for the case that it does not say. */
const USUAL_FIRST_BYTE_MS = 100;
const USUAL_BITS_PER_SECOND = 500_000;

/** The estimate with something usable in place of what hls.js cannot tell yet. */
export function usable(estimate: NetworkEstimate): NetworkEstimate {
  const { bitsPerSecond, firstByteMs } = estimate;
  return {
    bitsPerSecond: bitsPerSecond > 0 && Number.isFinite(bitsPerSecond) ? bitsPerSecond : USUAL_BITS_PER_SECOND,
    firstByteMs: firstByteMs >= 0 && Number.isFinite(firstByteMs) ? firstByteMs : USUAL_FIRST_BYTE_MS,
  };
}

/**
 * The times of a segment that is whole. One from the CDN alone: its transfer as measured. A mixed one: as if all of it had come
 * at the rate of its CDN part. One from neighbours or from the store: as the network is estimated already, and not `measured`.
 */
export function timesOf(report: FillReport, now: Millis, estimate: NetworkEstimate): LoadTimes & { measured: boolean } {
  const { bytes, ms, firstByteMs } = report.cdnTransfer;
  const measured = bytes > 0 && (bytes >= LEAST_MEASURE_BYTES || report.cdnBytes >= report.bytes);
  if (measured) {
    const bodyMs = Math.max(1, ms - firstByteMs) * Math.max(1, report.bytes / bytes);
    return { start: now - bodyMs - firstByteMs, first: now - bodyMs, end: now, measured };
  }
  const known = usable(estimate);
  const first = now - (report.bytes * 8000) / known.bitsPerSecond;
  return { start: first - known.firstByteMs, first, end: now, measured };
}

/**
 * What `loading.first` says while a segment is under way: the moment from which the bytes held would have come at the network's
 * rate. That is the CDN's own rate once it is asked; until then the estimate, because the CDN can be asked at any time and
 * waiting for a neighbour is no sign of a slow network. 0 when nothing is held.
 */
export function firstByteAt(
  now: Millis,
  start: Millis,
  held: number,
  cdn: CdnProgress | undefined,
  estimate: NetworkEstimate,
): Millis {
  if (held === 0) return 0;
  return Math.max(start, now - held / bytesPerMs(now, cdn, usable(estimate)));
}

function bytesPerMs(now: Millis, cdn: CdnProgress | undefined, estimate: NetworkEstimate): number {
  const estimated = estimate.bitsPerSecond / 8000;
  if (cdn?.openedAt === undefined) return estimated;
  const elapsed = Math.max(1, now - cdn.openedAt);
  // Only whole blocks are told: before the first one it is known that no more than a block has come.
  return cdn.bytes > 0 ? cdn.bytes / elapsed : Math.min(estimated, PEER_LIMITS.blockBytes / elapsed);
}
