/**
 * The live stream is a function of the clock alone: whoever asks at the same time, of whichever process, gets the same
 * window, and a restart neither jumps back nor repeats a number.
 */

/**
 * When the window of segments 0 to 5 was first published, in milliseconds since 1970 (1 November 2026, UTC). A constant, so
 * that media sequence numbers go on over restarts; recent, so that they stay short. A clock before it sees the first window.
 */
export const LIVE_EPOCH_MS = Date.UTC(2026, 10, 1);
/** Segments in the live playlist. */
export const LIVE_WINDOW_SEGMENTS = 6;
/** For how many segment lengths a segment can still be fetched after it left the playlist. */
export const LIVE_GRACE_SEGMENTS = 5;

/** What the schedule needs to know of the media: a loop of segments of one length. */
export type Loop = { readonly segmentSeconds: number; readonly segmentCount: number };

/** A segment's place in a playlist. */
export type ScheduledSegment = {
  /** Media sequence number. */
  readonly msn: number;
  /** Which segment of the loop it is. */
  readonly index: number;
  /** True where the loop begins again: timestamps jump back, so EXT-X-DISCONTINUITY comes before it. */
  readonly discontinuity: boolean;
};

export type LiveSegment = ScheduledSegment & {
  /** Wall-clock time of its first picture, in milliseconds since 1970. */
  readonly startsAt: number;
};

export type LiveWindow = {
  /** EXT-X-DISCONTINUITY-SEQUENCE: tags that left the playlist together with their segments (RFC 8216 section 6.2.2). */
  readonly discontinuitySequence: number;
  /** `LIVE_WINDOW_SEGMENTS` of them, oldest first. */
  readonly segments: readonly LiveSegment[];
};

/** The live window at `now` (milliseconds since 1970). */
export function liveWindow(loop: Loop, now: number): LiveWindow {
  const first = firstInWindow(loop, now);
  const segments = Array.from({ length: LIVE_WINDOW_SEGMENTS }, (_, offset) => {
    const placed = place(loop, first + offset);
    return { ...placed, startsAt: publishedAt(loop, placed.msn) - loop.segmentSeconds * 1000 };
  });
  // Loops that began before the first segment in the window, without the very first, which begins with no tag.
  const discontinuitySequence = first === 0 ? 0 : Math.floor((first - 1) / loop.segmentCount);
  return { discontinuitySequence, segments };
}

/** The live segment with this number; undefined when it is not published yet, or gone for good. */
export function liveSegment(loop: Loop, msn: number, now: number): ScheduledSegment | undefined {
  const first = firstInWindow(loop, now);
  const published = msn < first + LIVE_WINDOW_SEGMENTS;
  return published && msn >= Math.max(0, first - LIVE_GRACE_SEGMENTS) ? place(loop, msn) : undefined;
}

/** The on-demand stream: the loop, `rounds` times over. */
export function vodSegments(loop: Loop, rounds: number): readonly ScheduledSegment[] {
  return Array.from({ length: rounds * loop.segmentCount }, (_, msn) => place(loop, msn));
}

function place(loop: Loop, msn: number): ScheduledSegment {
  const index = msn % loop.segmentCount;
  return { msn, index, discontinuity: index === 0 && msn > 0 };
}

function firstInWindow(loop: Loop, now: number): number {
  return Math.max(0, Math.floor((now - LIVE_EPOCH_MS) / (loop.segmentSeconds * 1000)));
}

/** A segment is published once its last picture was "recorded". */
function publishedAt(loop: Loop, msn: number): number {
  return LIVE_EPOCH_MS + (msn - LIVE_WINDOW_SEGMENTS + 1) * loop.segmentSeconds * 1000;
}
