/**
 * The classic script `/player.js`: brings hls.js along, plays every `<video data-shoal="…m3u8">` of the page, and is the global
 * `Shoal`.
 */
import Hls from "hls.js";
import type { ShoalSession } from "./api.ts";
import { createAttach } from "./attach.ts";
import { recoverFromErrors } from "./recover.ts";
import { wishOf } from "./scan.ts";
import { trackerBase } from "./tracker-base.ts";

const source = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : undefined;

/** A part of the ES module, which lies beside this script; inside it, what few viewers need would be everybody's to load. */
const beside = async (file: string) => import(/* @vite-ignore */ new URL(file, source).href);

/** The same as `attachShoal` of the ES module. */
export const attach = createAttach(trackerBase(source, location.origin), {
  adapter: () => beside("shoal-webrtc-adapter.mjs"),
  disk: () => beside("shoal-disk.mjs"),
  sha256: () => beside("shoal-sha256.mjs"),
  overlay: () => beside("shoal-overlay.mjs"),
});

/** The sessions of all videos that were found, in the order of the page. */
export const sessions: ShoalSession[] = [];

export { Hls };

const found = new WeakSet<HTMLVideoElement>();

/** Plays the videos with `data-shoal` that were not found before. Returns how many there were. */
export function scan(root: ParentNode = document): number {
  const videos = [...root.querySelectorAll<HTMLVideoElement>("video[data-shoal]")].filter((video) => !found.has(video));
  for (const video of videos) {
    found.add(video);
    play(video);
  }
  return videos.length;
}

function play(video: HTMLVideoElement): void {
  const wish = wishOf(video, document.baseURI);
  if (wish === undefined) {
    console.error("Shoal: data-shoal must be the URL of an m3u8 playlist", video);
    return;
  }
  if (!Hls.isSupported()) {
    // An iPhone plays HLS by itself and lets nobody bring the segments.
    video.src = wish.url;
    return;
  }
  const hls = new Hls();
  try {
    sessions.push(attach(hls, wish.options));
  } catch (error) {
    // A wrong attribute: whoever wrote it must see it, and the viewer the video.
    console.error(error);
  }
  recoverFromErrors(hls, () => (hls.levels.length > 0 ? hls.startLoad() : hls.loadSource(wish.url)));
  hls.loadSource(wish.url);
  hls.attachMedia(video);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => scan());
else scan();
