import Hls from "hls.js";
import type { ShoalSession } from "../../player/embed/api.ts";
import { find, findAs, setText } from "../../worker/dashboard/dom.ts";
import { type Choice, readChoice, readTracker } from "./choice.ts";
import { emptyHistory, withSegment, withStats } from "./history.ts";
import { type Playing, play, playbackOf } from "./playback.ts";
import type { Trouble } from "./trouble.ts";
import { neighboursView } from "./views/neighbours.ts";
import { savingsView } from "./views/savings.ts";
import { segmentsView } from "./views/segments.ts";
import { troubleView } from "./views/trouble.ts";
import { watchView } from "./views/watch.ts";

declare global {
  interface Window {
    /** For the curious, and for tests. */
    shoalDemo?: { readonly session: ShoalSession; readonly hls: Hls; readonly video: HTMLVideoElement };
  }
}

/** Between two looks at the session's figures, in milliseconds. */
const REFRESH_MS = 500;

const video = findAs("video", HTMLVideoElement);
const choice = readChoice(location.href);
const showTrouble = troubleView(() => location.reload());
showChoice(choice);

if (Hls.isSupported()) {
  let trouble: Trouble | undefined;
  const playing = play(video, choice, readTracker(location.href), (told) => {
    trouble = told;
  });
  // While the buffer lasts, the viewer is better off with the picture.
  const stuck = (): boolean => video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  setInterval(() => showTrouble(stuck() ? trouble : undefined), REFRESH_MS);
  window.shoalDemo = { ...playing, video };
  showSession(playing);
} else {
  // An iPhone plays HLS by itself and lets nobody bring the segments.
  video.src = choice.url;
  setText(find("status-text"), "This browser plays HLS without Media Source, so Shoal stays out of the way");
}

function showSession({ hls, session }: Playing): void {
  const views = [watchView(), savingsView(), neighboursView(), segmentsView()];
  let history = emptyHistory;
  session.on("segment", (segment) => {
    history = withSegment(history, segment);
  });
  const refresh = (): void => {
    const stats = session.stats();
    history = withStats(history, stats, performance.now());
    const state = { stats, peers: session.peers(), history, playback: playbackOf(hls, video) };
    for (const view of views) view(state);
  };
  refresh();
  setInterval(refresh, REFRESH_MS);
}

function showChoice({ kind, url }: Choice): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".choice a")) {
    if (link.dataset.stream === kind) link.setAttribute("aria-current", "true");
  }
  document.title = kind === "live" ? "Live · Shoal" : kind === "vod" ? "On demand · Shoal" : "Your stream · Shoal";
  const source = kind === "own" ? url : new URL(url).pathname;
  setText(
    find("snippet"),
    `<script src="${location.origin}/player.js"></script>\n<video data-shoal="${source}" controls></video>`,
  );
}
