import type Hls from "hls.js";
import type { EngineEvent, Millis } from "../engine/types.ts";
import { bufferedAhead, deadlineOf, fragmentAt, wallMs } from "./playhead.ts";
import type { Playlists } from "./playlists.ts";
import { createQualityWatch, QUALITY_EVENTS, type Quality } from "./quality.ts";
import { subscriber } from "./subscribe.ts";

/** The playhead is told no oftener than this while it simply moves on, in milliseconds. */
const PLAYHEAD_MS = 250;

/** A picture that stands still with so much buffered, in seconds, does not wait for a segment. */
const IN_HAND_S = 1;

/** A fragment that takes longer to get into the buffer waits for room there, or for the page, in milliseconds. */
const MOST_APPEND_MS = 2000;

/** HTMLMediaElement.readyState: the frame at the playhead is there. */
const HAVE_CURRENT_DATA = 2;

const NOTHING_BUFFERED: TimeRanges = { length: 0, start: () => 0, end: () => 0 };

/** What is played, and what went wrong. */
export type Played = {
  /** The level on the screen, as the playlist describes it; undefined while there is none. */
  readonly level: { readonly height: number; readonly bitrate: number } | undefined;
  /** Errors after which hls.js does not go on by itself, since the stream was asked for. */
  readonly errors: number;
};

/** The video element, as far as Shoal looks at it. */
export type Playback = {
  readonly quality: () => Quality & Played;
  readonly paused: () => boolean;
  /** When the fragment that begins at `start` seconds is needed. */
  readonly whenNeeded: (start: number) => { readonly deadline: Millis; readonly start: boolean };
  /** Counts anew: another stream was asked for. */
  readonly restart: () => void;
  readonly stop: () => void;
};

export type PlaybackParts = {
  readonly hls: Hls;
  readonly now: () => Millis;
  readonly playlists: Pick<Playlists, "main">;
  readonly tell: (event: Extract<EngineEvent, { t: "playhead" }>) => void;
  /** The first frame is on the screen. */
  readonly onStarted: () => void;
  /** A stall is over for which no segment was to blame: what comes next was there. */
  readonly onOverload: () => void;
  /** Heard before hls.js chooses what to load at the new place. */
  readonly onSeeking: () => void;
};

/** Watches the element that hls.js plays into, and tells the engine where the playhead is. */
export function watchPlayback({
  hls,
  now,
  playlists,
  tell,
  onStarted,
  onOverload,
  onSeeking,
}: PlaybackParts): Playback {
  const { on, stop, Events } = subscriber(hls);
  let quality = createQualityWatch(now());
  let toldAt = Number.NEGATIVE_INFINITY;
  /** Where playback will start: where the first fragment that was asked for begins, or where somebody sought since. */
  let origin: number | undefined;
  let unwatch: () => void = () => undefined;
  let errors = 0;
  /** What was buffered when the picture last stopped, in seconds. */
  let inHand = 0;
  /** How long it lately took at most to bring a fragment that was loaded into the buffer, on a device that is busy with other things. */
  let appendMs = 0;

  const started = (): boolean => quality.read(now()).startupMs !== undefined;

  const tellPlayhead = (media: HTMLMediaElement): void => {
    const main = playlists.main();
    if (main === undefined || media.readyState < HAVE_CURRENT_DATA) return;
    const msn = fragmentAt(main.details.fragments, media.currentTime);
    if (msn === undefined) return;
    toldAt = now();
    tell({
      t: "playhead",
      rendition: main.rendition,
      msn,
      bufferedMs: wallMs(bufferedAhead(media), media.playbackRate),
      goalMs: wallMs(hls.config.maxBufferLength, media.playbackRate),
    });
  };

  const watch = (media: HTMLMediaElement): void => {
    unwatch();
    const offs: (() => void)[] = [];
    const listen = (event: string, listener: () => void): void => {
      media.addEventListener(event, listener);
      offs.push(() => media.removeEventListener(event, listener));
    };
    for (const event of QUALITY_EVENTS) {
      listen(event, () => {
        const before = quality.read(now());
        if (event === "waiting") inHand = bufferedAhead(media);
        quality.on(event, media, now());
        const { startupMs, stallTimes } = quality.read(now());
        if (before.startupMs === undefined && startupMs !== undefined) onStarted();
        if (stallTimes.length > before.stallTimes.length && inHand >= IN_HAND_S) onOverload();
      });
    }
    listen("timeupdate", () => {
      if (now() - toldAt >= PLAYHEAD_MS) tellPlayhead(media);
    });
    for (const event of ["seeking", "ratechange", "pause"]) listen(event, () => tellPlayhead(media));
    listen("seeking", () => {
      origin = media.currentTime;
      onSeeking();
    });
    unwatch = () => {
      for (const off of offs.splice(0)) off();
    };
  };

  on(Events.MEDIA_ATTACHED, (_, { media }) => watch(media));
  on(Events.MEDIA_DETACHING, () => unwatch());
  on(Events.ERROR, (_, { fatal }) => {
    if (fatal) errors++;
  });
  on(Events.FRAG_BUFFERED, (_, { stats }) => {
    appendMs = Math.max(Math.min(MOST_APPEND_MS, now() - stats.loading.end), appendMs / 2);
  });
  if (hls.media) watch(hls.media);

  return {
    quality: () => ({ ...quality.read(now()), level: hls.levels[hls.currentLevel], errors }),
    paused: () => hls.media?.paused ?? true,
    whenNeeded: (start) => {
      const media = hls.media ?? undefined;
      if (started()) return { deadline: deadlineOf(start, media, now(), appendMs), start: false };
      origin ??= start;
      const { buffered = NOTHING_BUFFERED, playbackRate = 1 } = media ?? {};
      return {
        deadline: deadlineOf(start, { buffered, playbackRate, currentTime: origin }, now(), appendMs),
        start: true,
      };
    },
    restart: () => {
      quality = createQualityWatch(now());
      origin = undefined;
      errors = 0;
    },
    stop: () => {
      stop();
      unwatch();
    },
  };
}
