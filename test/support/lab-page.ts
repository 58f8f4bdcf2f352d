import type Hls from "hls.js";
import type { HlsConfig } from "hls.js";
import type { SegmentEvent, ShoalOptions } from "../../player/embed/api.ts";
import type { AttachShoal } from "../../player/embed/attach.ts";

/** How the lab's page plays. */
export type LabChoice = {
  readonly stream: "live" | "vod";
  /** With sound. A browser pauses a mute video in a tab that nobody sees. Default: mute. */
  readonly sound?: boolean;
  /** Timers run no sooner than this, in milliseconds, as in a tab that a browser throttles. Default: when they should. */
  readonly timersMs?: number;
  /** `upload: "off"` makes it plain hls.js. */
  readonly shoal?: ShoalOptions;
  /** Beside the lab's own settings. */
  readonly hls?: Partial<HlsConfig>;
};

/** What the lab's page writes down. */
export type LabLog = {
  /** Errors of hls.js, in order. */
  readonly errors: { readonly details: string; readonly fatal: boolean; readonly code: number | undefined }[];
  /** Segments as hls.js got them. `sha256` stays empty where hls.js has a worker, which takes the bytes away. */
  readonly loaded: { readonly path: string; readonly sn: number; readonly level: number; readonly sha256: string }[];
  /** Segments as Shoal brought them. */
  readonly brought: SegmentEvent[];
};

declare global {
  interface Window {
    lab?: LabLog & {
      /** Seconds of the film that were on the screen. */
      readonly played: () => number;
      /** Attaches once more, to a new hls.js on the same element. */
      readonly start: () => void;
      /** Destroys session and hls.js, as a page does that takes its player away. */
      readonly stop: () => void;
    };
  }
}

/**
 * The lab's page, sent to the browser as source: it may use nothing of this module. Plays as the page's query says and keeps its
 * player where the demo does.
 */
export function playInLab(attachShoal: AttachShoal): void {
  const choice = JSON.parse(decodeURIComponent(location.search.slice(1))) as LabChoice;
  const { setTimeout: later, setInterval: often } = window;
  const least = (ms = 0): number => Math.max(ms, choice.timersMs ?? 0);
  window.setTimeout = ((act: () => void, ms?: number) => later(act, least(ms))) as typeof window.setTimeout;
  window.setInterval = ((act: () => void, ms?: number) => often(act, least(ms))) as typeof window.setInterval;

  const Player = (window as unknown as { Hls: typeof Hls }).Hls;
  const video = document.querySelector("video");
  if (video === null) throw new Error("the lab has no video element");
  video.muted = choice.sound !== true;
  const log: LabLog = { errors: [], loaded: [], brought: [] };

  const note = async (path: string, sn: number, level: number, payload: ArrayBuffer): Promise<void> => {
    const place = log.loaded.push({ path, sn, level, sha256: "" }) - 1;
    if (payload.byteLength === 0) return;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", payload));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    log.loaded[place] = { path, sn, level, sha256 };
  };
  const start = (): void => {
    const hls = new Player({ maxBufferLength: 20, maxBufferSize: 3_000_000, ...choice.hls });
    const session = attachShoal(hls, choice.shoal ?? {});
    session.on("segment", (segment) => log.brought.push(segment));
    hls.on(Player.Events.ERROR, (_, { details, fatal, response }) => {
      log.errors.push({ details, fatal, code: response?.code });
    });
    hls.on(Player.Events.FRAG_LOADED, (_, { frag, payload }) => {
      if (typeof frag.sn === "number") void note(new URL(frag.url).pathname, frag.sn, frag.level, payload);
    });
    hls.loadSource(`/demo/${choice.stream}/master.m3u8`);
    hls.attachMedia(video);
    // Rejected when the player is taken away before it has begun.
    video.play().catch(() => undefined);
    window.shoalDemo = { hls, session, video };
  };
  const stop = (): void => {
    window.shoalDemo?.session.destroy();
    window.shoalDemo?.hls.destroy();
    delete window.shoalDemo;
  };
  const played = (): number => {
    let seconds = 0;
    for (let i = 0; i < video.played.length; i++) seconds += video.played.end(i) - video.played.start(i);
    return seconds;
  };
  window.lab = { ...log, played, start, stop };
  start();
}
