import type { PeerInfo, ShoalStats } from "../../player/embed/api.ts";
import type { History } from "./history.ts";

/** What hls.js tells about playback. */
export type Playback = {
  /** Height in pixels and mean bit rate (bits per second) of what is playing; undefined before it is known. */
  readonly picture: { readonly height: number; readonly bitrate: number } | undefined;
  /** Live: time behind the live edge. On demand: time buffered ahead. In milliseconds, when known. */
  readonly delayMs: number | undefined;
  readonly live: boolean;
};

/** All that the page shows. Each view takes it and writes its part of the page. */
export type PageState = {
  readonly stats: ShoalStats;
  readonly peers: readonly PeerInfo[];
  readonly history: History;
  readonly playback: Playback;
};

export type View = (state: PageState) => void;
