import Hls from "hls.js";
import type { ShoalSession } from "../../player/embed/api.ts";
import { attachShoal } from "../../player/embed/index.ts";
import type { Choice } from "./choice.ts";
import type { Playback } from "./state.ts";
import { type Trouble, troubleOf } from "./trouble.ts";

/** On demand, hls.js would buffer 60 MB ahead; a site that pays for its CDN bytes does well to set less. */
const VOD_BUFFER_BYTES = 6_000_000;
/** Seconds that hls.js wants ahead of the playhead. */
const BUFFER_SECONDS = 20;

/** Between two tries after the network failed, in milliseconds. */
const RETRY_MS = 3000;

export type Playing = { readonly hls: Hls; readonly session: ShoalSession };

/**
 * Plays the chosen stream as any site would: an hls.js of its own, and one call. `onTrouble` hears what keeps segments from coming,
 * and undefined once they come again. `tracker`: another than the page's own.
 */
export function play(
  video: HTMLVideoElement,
  choice: Choice,
  tracker: string | undefined,
  onTrouble: (trouble: Trouble | undefined) => void,
): Playing {
  const hls = new Hls({
    maxBufferLength: BUFFER_SECONDS,
    ...(choice.kind === "vod" ? { maxBufferSize: VOD_BUFFER_BYTES } : {}),
  });
  const session = attachShoal(hls, tracker === undefined ? {} : { tracker });

  let recovered = false;
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    // Once: an error that comes back will do so for ever.
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !recovered) {
      recovered = true;
      hls.recoverMediaError();
      return;
    }
    onTrouble(troubleOf(data, choice.url));
    // What loaded before will load again; an address that never led to a stream is for the viewer to look at.
    if (data.type === Hls.ErrorTypes.NETWORK_ERROR && hls.levels.length > 0)
      setTimeout(() => hls.startLoad(), RETRY_MS);
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => onTrouble(undefined));
  hls.loadSource(choice.url);
  hls.attachMedia(video);
  return { hls, session };
}

/** What hls.js is doing now. */
export function playbackOf(hls: Hls, video: HTMLVideoElement): Playback {
  const level = hls.levels[hls.currentLevel];
  const live = hls.latestLevelDetails?.live ?? false;
  return {
    picture: level && { height: level.height, bitrate: level.averageBitrate || level.bitrate },
    delayMs: live ? hls.latency * 1000 : bufferedAhead(video) * 1000,
    live,
  };
}

function bufferedAhead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let range = 0; range < buffered.length; range++) {
    if (buffered.start(range) <= currentTime + 0.1 && buffered.end(range) >= currentTime) {
      return buffered.end(range) - currentTime;
    }
  }
  return 0;
}
