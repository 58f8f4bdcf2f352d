/**
 * The page that every contender plays in: the same hls.js with the same settings, measured by the same few lines. What differs
 * is `?kind=`: `plain`, `p2pml` (p2p-media-loader) or `shoal`. Shoal comes from `?script=`, as pages load it.
 */
import Hls from "hls.js";

export type Figures = {
  /** Bytes of the segments that were played, each by the share of it that was. */
  readonly playedBytes: number;
  readonly loadedBytes: number;
  readonly playedSeconds: number;
  readonly stalls: number;
  readonly stallMs: number;
  /** From the start of loading to the first frame shown, in milliseconds. */
  readonly startupMs: number | null;
  /** Behind the live edge, in seconds; null on VOD. */
  readonly latency: number | null;
  /** Size in bytes of each segment that was loaded, by the path of its URL. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
  /** The contender's own words on itself. */
  readonly own: unknown;
};

declare global {
  interface Window {
    bench: { readonly figures: () => Figures };
  }
}

const query = new URLSearchParams(location.search);
const src = query.get("src") ?? "";
const tracker = query.get("tracker") ?? "";
const script = query.get("script") ?? "";
const kind = query.get("kind");
const settings = { maxBufferLength: 30, maxBufferSize: 4_000_000, startLevel: 0 };

const video = document.querySelector("video");
if (video === null) throw new Error("the page has no video");
// Whoever plays, all of it is loaded before the clock starts.
const [{ attachShoal }, { HlsJsP2PEngine }] = await Promise.all([
  import(/* @vite-ignore */ script) as Promise<typeof import("../../../player/embed/index.ts")>,
  import("p2p-media-loader-hlsjs"),
]);
const startedAt = performance.now();
const { hls, own } = make();
const measured = measure(hls, video);
window.bench = { figures: () => ({ ...measured(), own: own() }) };
hls.attachMedia(video);
hls.loadSource(src);
video.muted = true;
void video.play();

function make(): { hls: Hls; own: () => unknown } {
  switch (kind) {
    case "shoal": {
      const shoal = new Hls(settings);
      const session = attachShoal(shoal, { tracker });
      return { hls: shoal, own: session.stats };
    }
    case "p2pml": {
      const WithP2P = HlsJsP2PEngine.injectMixin(Hls);
      const core = { announceTrackers: [tracker], rtcConfig: { iceServers: [] } };
      return { hls: new WithP2P({ ...settings, p2p: { core } }), own: () => null };
    }
    default:
      return { hls: new Hls(settings), own: () => null };
  }
}

function measure(hls: Hls, video: HTMLVideoElement): () => Omit<Figures, "own"> {
  const segments = new Map<string, { start: number; end: number; bytes: number }>();
  const errors: string[] = [];
  const sizes: Record<string, number> = {};
  let loadedBytes = 0;
  let stalls = 0;
  let stallMs = 0;
  let stalledAt: number | undefined;
  let startupMs: number | null = null;
  hls.on(Hls.Events.FRAG_BUFFERED, (_, { frag }) => {
    const bytes = frag.stats.total || frag.stats.loaded;
    loadedBytes += bytes;
    sizes[new URL(frag.url).pathname] = bytes;
    segments.set(`${frag.level}/${frag.sn}`, { start: frag.start, end: frag.end, bytes });
  });
  hls.on(Hls.Events.ERROR, (_, { details, fatal }) => errors.push(`${details}${fatal ? " (fatal)" : ""}`));
  const moved = (): void => {
    if (stalledAt !== undefined && !video.paused && video.readyState >= 3) {
      stallMs += performance.now() - stalledAt;
      stalledAt = undefined;
    }
  };
  // `timeupdate` comes four times a second: too coarse for this.
  video.requestVideoFrameCallback((shownAt) => {
    startupMs = shownAt - startedAt;
  });
  video.addEventListener("timeupdate", moved);
  video.addEventListener("playing", moved);
  video.addEventListener("waiting", () => {
    if (startupMs === null || video.seeking || stalledAt !== undefined) return;
    stalls++;
    stalledAt = performance.now();
  });
  return () => {
    let playedBytes = 0;
    for (const { start, end, bytes } of segments.values()) playedBytes += bytes * share(video.played, start, end);
    let playedSeconds = 0;
    for (let i = 0; i < video.played.length; i++) playedSeconds += video.played.end(i) - video.played.start(i);
    const live = hls.latestLevelDetails?.live === true;
    const latency = live ? hls.latency : null;
    return { playedBytes, loadedBytes, playedSeconds, stalls, stallMs, startupMs, latency, sizes, errors };
  };
}

/** How much of the time from `start` to `end` was played, 0 to 1. */
function share(played: TimeRanges, start: number, end: number): number {
  let sum = 0;
  for (let i = 0; i < played.length; i++) {
    sum += Math.max(0, Math.min(end, played.end(i)) - Math.max(start, played.start(i)));
  }
  return end > start ? Math.min(1, sum / (end - start)) : 0;
}
