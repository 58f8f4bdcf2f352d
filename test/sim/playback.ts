import { type Listing, listing } from "./playlist.ts";
import type { Timeline } from "./queue.ts";
import { exponential, type Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** What hls.js buffers ahead, in milliseconds, and how many target durations it starts behind the live edge. */
const BUFFER_MS = { live: 30_000, vod: 20_000 };
const BEHIND_EDGE = 3;
/** A playlist's way, in milliseconds; its bytes are not counted. */
const PLAYLIST_MS = 100;
/** First pause before a failed fragment is asked for again, doubling up to the last, in milliseconds. */
const RETRY_MS = 1000;
const RETRY_MOST_MS = 8000;
const PLAYHEAD_MS = 1000;
/** Playback that has been dry for so long goes on in a lower rendition, in milliseconds. */
const EMERGENCY_MS = 1000;

/** A segment of one rendition. */
export type Fragment = { readonly level: number; readonly msn: number };

/** What the model of hls.js asks of those around it. */
export type PlaybackEvents = {
  readonly playlist: (level: number, listing: Listing) => void;
  readonly playhead: (level: number, msn: number, bufferedMs: number, goalMs: number) => void;
  /** Asks for a fragment; `deadline`: when playback runs dry without it. */
  readonly want: (fragment: Fragment, deadline: number, start: boolean) => void;
  readonly abandon: () => void;
  /** The first picture is there. */
  readonly started: () => void;
};

export type PlaybackCounts = {
  /** From opening the page to the first picture; undefined before it. */
  startupMs: number | undefined;
  /** Time in which the picture moved. */
  playMs: number;
  stalls: number;
  stallMs: number;
  /** Jumps forward since what was to be played had left the playlist. */
  skips: number;
  seeks: number;
  failures: number;
  /** Changes of the rendition. */
  switches: number;
  /** Fragments loaded of each rendition, lowest first. */
  readonly loaded: number[];
};

export type Playback = {
  readonly start: () => void;
  /** Level of the rendition that is loaded now. */
  readonly level: () => number;
  /** Goes on in another rendition from the next fragment on. */
  readonly switchTo: (level: number) => void;
  /** The fragment asked for last is here, or cannot be had. */
  readonly delivered: () => void;
  readonly failed: () => void;
  readonly stop: () => void;
  readonly counts: PlaybackCounts;
};

type State = "starting" | "playing" | "dry" | "over";

/** A small model of hls.js on a video element: one fragment at a time. */
export function createPlayback(
  time: Timeline,
  scenario: Scenario,
  of: { readonly random: Random; readonly level: number; readonly events: PlaybackEvents },
): Playback {
  const { segmentMs, mode, bitrates } = scenario;
  const counts: PlaybackCounts = {
    startupMs: undefined,
    playMs: 0,
    stalls: 0,
    stallMs: 0,
    skips: 0,
    seeks: 0,
    failures: 0,
    switches: 0,
    loaded: bitrates.map(() => 0),
  };
  const bornAt = time.now();
  let state: State = "starting";
  /** Place in the stream, in milliseconds, at a moment; it moves while playing. */
  let place = 0;
  let placeAt = bornAt;
  let next = 0;
  let known: Listing | undefined;
  let asking: Fragment | undefined;
  let attempt = 0;
  let level = of.level;
  /** Levels of the fragments that are buffered, by media sequence number. */
  const levels = new Map<number, number>();
  let retries = 0;
  let playingSince = bornAt;
  let dryAt = bornAt;
  let dryWhy: "stall" | "seek" = "stall";
  /** Makes timers of an earlier course of playback void; `polls` does so for those of another rendition's playlist. */
  let course = 0;
  let polls = 0;

  const position = (): number => (state === "playing" ? place + (time.now() - placeAt) : place);
  const buffered = (): number => Math.max(0, next * segmentMs - position());
  const later = (ms: number, act: () => void): void => {
    const mine = course;
    time.after(ms, () => {
      if (mine === course && state !== "over") act();
    });
  };
  const hold = (at: number): void => {
    place = at;
    placeAt = time.now();
  };

  const tell = (): void => {
    const msn = Math.floor(position() / segmentMs + 1e-9);
    for (const old of levels.keys()) if (old < msn) levels.delete(old);
    of.events.playhead(levels.get(msn) ?? level, msn, buffered(), BUFFER_MS[mode]);
  };

  /** Runs while playing: at each border between segments and each second between. */
  const play = (): void => {
    const at = position();
    const left = next * segmentMs - at;
    if (left <= 1e-6) {
      hold(next * segmentMs);
      runDry();
      return;
    }
    tell();
    load();
    if (state !== "playing") return;
    const border = (Math.floor(at / segmentMs + 1e-9) + 1) * segmentMs;
    const full = buffered() - BUFFER_MS[mode];
    later(Math.min(PLAYHEAD_MS, border - at, full >= 0 ? full + 1 : PLAYHEAD_MS), play);
  };

  const runDry = (): void => {
    countPlayed();
    state = "dry";
    dryAt = time.now();
    dryWhy = "stall";
    if (known !== undefined && mode === "vod" && next > known.last) {
      state = "over";
      return;
    }
    counts.stalls++;
    tell();
    load();
    if (level > 0) later(EMERGENCY_MS, stepDown);
  };

  /** As the emergency switch of hls.js: what is being loaded is given up for something smaller. */
  const stepDown = (): void => {
    if (state !== "dry" || asking === undefined || level === 0) return;
    stopAsking();
    switchTo(level - 1);
  };

  const stopAsking = (): void => {
    if (asking !== undefined) of.events.abandon();
    asking = undefined;
    retries = 0;
  };

  const resume = (): void => {
    if (state === "starting") {
      counts.startupMs = time.now() - bornAt;
      of.events.started();
    } else endDry();
    state = "playing";
    playingSince = time.now();
    hold(place);
    course++;
    play();
  };

  const countPlayed = (): void => {
    if (state === "playing") counts.playMs += time.now() - playingSince;
  };

  const endDry = (): void => {
    if (state === "dry" && dryWhy === "stall") counts.stallMs += time.now() - dryAt;
  };

  const load = (): void => {
    if (asking !== undefined || known === undefined || state === "over") return;
    if (next < known.first) jump(syncPoint(known), "skips");
    if (next > known.last) return;
    // With a full buffer `play` looks again as soon as there is room.
    if (buffered() >= BUFFER_MS[mode]) return;
    asking = { level, msn: next };
    attempt++;
    of.events.want(asking, time.now() + buffered(), state === "starting");
  };

  /** Goes on elsewhere with an empty buffer. */
  const jump = (msn: number, why: "skips" | "seeks"): void => {
    counts[why]++;
    stopAsking();
    levels.clear();
    endDry();
    countPlayed();
    if (state === "playing") state = "dry";
    dryAt = time.now();
    dryWhy = why === "seeks" ? "seek" : "stall";
    next = msn;
    hold(msn * segmentMs);
    course++;
  };

  const syncPoint = ({ first, last }: Listing): number =>
    mode === "live" ? Math.max(first, last + 1 - BEHIND_EDGE) : first;

  const reload = (): void => {
    if (state === "over") return;
    const before = known;
    known = listing(scenario, time.now());
    if (before === undefined) {
      next = syncPoint(known);
      hold(next * segmentMs);
    }
    of.events.playlist(level, known);
    load();
    if (mode === "live") poll(before?.last === known.last ? segmentMs / 2 : segmentMs);
  };
  const poll = (ms: number): void => {
    const mine = polls;
    time.after(ms, () => {
      if (mine === polls) reload();
    });
  };

  const switchTo = (to: number): void => {
    if (to === level || state === "over") return;
    counts.switches++;
    polls++;
    const mine = polls;
    time.after(PLAYLIST_MS, () => {
      if (mine !== polls) return;
      level = to;
      reload();
    });
  };

  const seek = (): void => {
    if (state === "over") return;
    if (known !== undefined && state !== "starting") {
      jump(Math.floor(of.random() * (known.last + 1)), "seeks");
      tell();
      load();
    }
    seekLater();
  };
  const seekLater = (): void => {
    if (mode === "vod" && scenario.seeksPerMinute > 0) {
      time.after(exponential(of.random, 60_000 / scenario.seeksPerMinute), seek);
    }
  };

  return {
    counts,
    level: () => level,
    switchTo,
    start() {
      poll(PLAYLIST_MS);
      seekLater();
    },
    delivered() {
      if (asking !== undefined) {
        counts.loaded[asking.level] = (counts.loaded[asking.level] ?? 0) + 1;
        levels.set(asking.msn, asking.level);
      }
      asking = undefined;
      retries = 0;
      next++;
      if (state === "starting" || state === "dry") resume();
      else load();
    },
    failed() {
      counts.failures++;
      const pause = Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** retries);
      retries++;
      const mine = attempt;
      time.after(pause, () => {
        if (asking === undefined || mine !== attempt) return;
        asking = undefined;
        load();
      });
    },
    stop() {
      endDry();
      countPlayed();
      state = "over";
    },
  };
}
