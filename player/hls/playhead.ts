import type { Millis } from "../engine/types.ts";
import type { MediaView } from "./quality.ts";

/** Two buffered ranges this near are one, in seconds: hls.js plays over such a hole. */
const HOLE_S = 0.25;
/** A fragment that begins so much before the end of the buffer takes the place of what is there, in seconds. */
const OVERLAP_S = 0.5;

/** What lies buffered ahead of the playhead without a hole, in seconds. */
export function bufferedAhead(media: Pick<MediaView, "buffered" | "currentTime">): number {
  const { buffered, currentTime } = media;
  let end = currentTime;
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= end + HOLE_S && buffered.end(i) > end) end = buffered.end(i);
  }
  return end - currentTime;
}

/** Wall-clock milliseconds for some seconds of the medium; a rate of 0 counts as 1, as in hls.js. */
export const wallMs = (seconds: number, playbackRate: number): Millis =>
  (seconds * 1000) / (Math.abs(playbackRate) || 1);

/**
 * When a fragment that starts at `start` seconds must be there, so that playback does not run dry: `appendMs` before its start, or
 * before the end of the buffer where some of it is buffered already. What only takes the place of something buffered is needed
 * sooner, since it moves that end no further: the next one must be buffered by then as well. A paused player is taken to go on at once.
 */
export function deadlineOf(
  start: number,
  media: Pick<MediaView, "buffered" | "currentTime" | "playbackRate"> | undefined,
  now: Millis,
  appendMs: Millis,
): Millis {
  if (media === undefined) return now;
  const [until, ahead] = [start - media.currentTime, bufferedAhead(media)];
  const lead = ahead - until > OVERLAP_S ? 2 * appendMs : appendMs;
  return now + Math.max(0, wallMs(Math.max(until, ahead), media.playbackRate) - lead);
}

/** The part of a fragment that is looked at. */
export type TimedFragment = { readonly sn: number | "initSegment"; readonly start: number; readonly end: number };

/** The media sequence number at `time` seconds, or undefined when no fragment lies there. */
export function fragmentAt(fragments: readonly TimedFragment[], time: number): number | undefined {
  const found = fragments.find(({ start, end }) => start - HOLE_S <= time && time < end);
  return typeof found?.sn === "number" ? found.sn : undefined;
}
