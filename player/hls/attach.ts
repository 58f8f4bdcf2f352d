import type Hls from "hls.js";
import type { FragmentLoaderConstructor, HlsConfig } from "hls.js";
import type { SegmentKey } from "../protocol/index.ts";
import type { CdnSource, Clock } from "../session/ports.ts";
import type { SessionCore } from "../session/session.ts";
import { silenceAbr } from "./abr-silence.ts";
import { cdnSourceOf } from "./cdn-source.ts";
import { startWhileAttaching } from "./early-start.ts";
import { preferHeldLevels } from "./level-preference.ts";
import { createFragmentLoader } from "./loader.ts";
import { type Playback, watchPlayback } from "./playback.ts";
import { followPlaylists } from "./playlists.ts";
import { levelRendition } from "./renditions.ts";
import { classOf, subscriber } from "./subscribe.ts";

/** What is to be done when hls.js turns to a stream, and when it leaves one. */
export type HlsHooks = {
  readonly clock: Clock;
  /** The manifest at this absolute URL is being loaded. The session before has ended. */
  readonly onStream: (manifestUrl: string) => void;
  /** The stream is over. `finish`: what hls.js still waits for must come; `drop`: it waits for nothing. */
  readonly onStreamEnd: (open: "finish" | "drop") => void;
  /** The first frame is on the screen. */
  readonly onStarted: () => void;
  /** The page destroyed the hls.js instance. */
  readonly onGone: () => void;
  /** The session of the stream that is playing. */
  readonly session: () => SessionCore | undefined;
};

/** An hls.js instance with Shoal in it. */
export type HlsSide = {
  readonly playback: Pick<Playback, "quality" | "paused">;
  /** True when the page has its own way of fetching, which the CDN requests must go through too. */
  readonly fetchesItsOwnWay: () => boolean;
  /** Puts everything back; hls.js goes on from the CDN. May be called twice. */
  readonly detach: () => void;
};

/** Puts Shoal's loader into an hls.js instance. Nothing else of it is changed, but for a moment at the start; see `early-start.ts`. */
export function attachToHls(hls: Hls, hooks: HlsHooks): HlsSide {
  const { config } = hls;
  const { clock, session } = hooks;
  const before = config.fLoader;
  const { on, stop, Events } = subscriber(hls);

  const playlists = followPlaylists(hls, (event) => session()?.playback(event));
  const playback = watchPlayback({
    hls,
    now: clock.now,
    playlists,
    tell: (event) => {
      // Neighbours would look for segments of the old numbering around it.
      if (!playlists.isReused(event.msn)) session()?.playback(event);
    },
    onStarted: hooks.onStarted,
    onOverload: () => session()?.playback({ t: "overload" }),
    onSeeking: () => preferNothing(),
  });
  const preferNothing = preferHeldLevels({
    hls,
    events: { on, Events },
    lasts: ({ end }) => playback.whenNeeded(end).deadline - clock.now(),
    holders: (level, msn) =>
      playlists.isReused(msn) ? 0 : (session()?.offers({ rendition: levelRendition(level), msn }) ?? 0),
  });
  const silence = silenceAbr(hls);
  const putPrefetchBack = startWhileAttaching(hls, { on, Events });

  const loader = createFragmentLoader({
    clock,
    keyOf: (context) => (session() === undefined ? undefined : playlists.keyOf(context)),
    whenNeeded: ({ frag }) => playback.whenNeeded(frag.start),
    open: (wish, events) => {
      const core = session();
      if (core === undefined) throw new Error("a segment was asked for without a stream");
      return core.open(wish, events);
    },
    countBought: (...bought) => session()?.countBought(...bought),
    // What hls.js does itself when there is no `fLoader`.
    plainLoader: ({ loader }) => loader as unknown as FragmentLoaderConstructor,
    network: () => ({ bitsPerSecond: hls.bandwidthEstimate, firstByteMs: hls.ttfbEstimate }),
    onUnmeasured: silence.hush,
  });
  config.fLoader = loader;

  let attached = true;
  const detach = (): void => {
    if (!attached) return;
    attached = false;
    // A page that put in a loader of its own after ours keeps it.
    if (config.fLoader === loader) restore(config, before);
    for (const part of [playlists, playback, silence]) part.stop();
    putPrefetchBack();
    stop();
  };

  /** Where the CDN has a segment that is listed and that hls.js has not asked for yet. */
  const listedAt = (key: SegmentKey): CdnSource | undefined => {
    const fragment = playlists.fragmentOf(key);
    if (fragment === undefined) return undefined;
    const [rangeStart, rangeEnd] = fragment.byteRange;
    const context = { url: fragment.url, headers: {}, ...(rangeEnd ? { rangeStart: rangeStart ?? 0, rangeEnd } : {}) };
    return cdnSourceOf(context, { loadPolicy: config.fragLoadPolicy.default });
  };

  const begin = (url: string): void => {
    playlists.forget();
    playback.restart();
    hooks.onStream(url);
    session()?.sourcesFrom(listedAt);
  };

  on(Events.MANIFEST_LOADING, (_, { url }) => {
    hooks.onStreamEnd("drop");
    begin(hls.url ?? url);
  });
  on(Events.DESTROYING, () => {
    detach();
    hooks.onStreamEnd("drop");
    hooks.onGone();
  });
  if (hls.url) begin(hls.url);

  return {
    playback,
    fetchesItsOwnWay: () => {
      const plain = classOf(hls).DefaultConfig.loader;
      return config.loader !== plain || config.xhrSetup !== undefined;
    },
    detach,
  };
}

function restore(config: HlsConfig, fLoader: HlsConfig["fLoader"]): void {
  if (fLoader === undefined) delete config.fLoader;
  else config.fLoader = fLoader;
}
