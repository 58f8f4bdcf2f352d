import type { Millis } from "../engine/types.ts";

/** Playback as the viewer sees it, since the stream was asked for. */
export type Quality = {
  readonly stalls: number;
  readonly stallMs: Millis;
  /** Time in which the picture moved. */
  readonly watchMs: Millis;
  /** From asking for the stream to its first frame; undefined before it. */
  readonly startupMs: Millis | undefined;
  /** How long each stall took that is over. */
  readonly stallTimes: readonly Millis[];
};

/** What is looked at in a media element. */
export type MediaView = Pick<
  HTMLMediaElement,
  "paused" | "seeking" | "ended" | "readyState" | "currentTime" | "playbackRate" | "buffered"
>;

export const QUALITY_EVENTS = [
  "loadeddata",
  "playing",
  "timeupdate",
  "waiting",
  "pause",
  "ended",
  "seeking",
  "emptied",
] as const;
export type QualityEvent = (typeof QUALITY_EVENTS)[number];

export type QualityWatch = {
  readonly on: (event: QualityEvent, media: MediaView, now: Millis) => void;
  readonly read: (now: Millis) => Quality;
};

/** A shorter halt is not seen as one. */
export const LEAST_STALL_MS = 300;

/** A video that plays speaks several times a second; after a longer silence the device slept, and nobody watched. */
const LONGEST_SILENCE_MS = 5_000;

/** HTMLMediaElement.readyState: the frame at the playhead is there; the next one too. */
const HAVE_CURRENT_DATA = 2;
const HAVE_FUTURE_DATA = 3;

type Phase = "idle" | "playing" | "stalled";

/** Watches a stream that was asked for at `beganAt`. A stall is a halt of 300 ms or more that nobody asked for, after the first frame. */
export function createQualityWatch(beganAt: Millis): QualityWatch {
  let phase: Phase = "idle";
  let since = beganAt;
  let heardAt = beganAt;
  let position = Number.NaN;
  let done: Quality = { stalls: 0, stallMs: 0, watchMs: 0, startupMs: undefined, stallTimes: [] };

  const read = (now: Millis): Quality => {
    const ms = Math.max(0, now - since);
    if (phase === "playing")
      return { ...done, watchMs: done.watchMs + Math.min(ms, heardAt + LONGEST_SILENCE_MS - since) };
    if (phase === "idle" || ms < LEAST_STALL_MS) return done;
    return { ...done, stalls: done.stalls + 1, stallMs: done.stallMs + ms };
  };

  const enter = (next: Phase, now: Millis): void => {
    if (next === phase) return;
    const { stalls, stallMs, stallTimes } = done;
    done = read(now);
    if (done.stalls > stalls) done = { ...done, stallTimes: [...stallTimes, done.stallMs - stallMs] };
    phase = next;
    since = now;
  };

  const halted = (media: MediaView): Phase => {
    const asked = media.paused || media.seeking || media.ended;
    return asked || done.startupMs === undefined || media.readyState >= HAVE_FUTURE_DATA ? "idle" : "stalled";
  };

  return {
    read,
    on: (event, media, now) => {
      if (done.startupMs === undefined && media.readyState >= HAVE_CURRENT_DATA) {
        done = { ...done, startupMs: now - beganAt };
      }
      if (phase === "playing" && now - heardAt > LONGEST_SILENCE_MS) {
        done = read(now);
        since = now;
      }
      heardAt = now;
      const moved = media.currentTime !== position;
      position = media.currentTime;
      switch (event) {
        case "loadeddata":
          return;
        case "playing":
          return enter("playing", now);
        case "timeupdate":
          // Some browsers move on after a halt without saying `playing`.
          if (moved && !media.paused && !media.seeking) enter("playing", now);
          return;
        case "waiting":
          return enter(halted(media), now);
        case "pause":
        case "ended":
        case "seeking":
        case "emptied":
          return enter("idle", now);
      }
    },
  };
}
