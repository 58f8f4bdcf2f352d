import type Hls from "hls.js";
import type { Fragment, FragmentLoaderContext, Level, LevelDetails, MediaPlaylist } from "hls.js";
import type { EngineEvent } from "../engine/types.ts";
import type { RenditionId, SegmentKey } from "../protocol/index.ts";
import { createNumbering } from "./numbering.ts";
import { audioRendition, levelRendition } from "./renditions.ts";
import { subscriber } from "./subscribe.ts";

/** Playlist URLs remembered: LL-HLS asks for a new URL at each reload, and a fragment keeps that of its own. */
const MOST_URLS = 256;

const isOnTheWeb = (url: string): boolean => /^https?:/i.test(url);

/** The media playlists that hls.js has loaded. */
export type Playlists = {
  /** The key of a fragment that may go through the mesh. */
  readonly keyOf: (context: FragmentLoaderContext) => SegmentKey | undefined;
  /** A listed fragment, before hls.js has asked for it. */
  readonly fragmentOf: (key: SegmentKey) => Fragment | undefined;
  /** The main playlist loaded last. */
  readonly main: () => { readonly rendition: RenditionId; readonly details: LevelDetails } | undefined;
  /** True for a number that may mean two segments, because the playlist began anew: nobody else is to hear of it. */
  readonly isReused: (msn: number) => boolean;
  /** Another stream comes: what is known belongs to the one before. */
  readonly forget: () => void;
  readonly stop: () => void;
};

/** Follows hls.js' playlists and tells the engine of each. */
export function followPlaylists(hls: Hls, tell: (event: Extract<EngineEvent, { t: "playlist" }>) => void): Playlists {
  const byUrl = new Map<string, RenditionId>();
  const numbering = createNumbering();
  const learned = new WeakSet<LevelDetails>();
  const newest = new Map<RenditionId, LevelDetails>();
  const { on, stop, Events } = subscriber(hls);
  let main: ReturnType<Playlists["main"]>;

  const learn = (rendition: RenditionId, details: LevelDetails): void => {
    byUrl.delete(details.url);
    byUrl.set(details.url, rendition);
    for (const oldest of byUrl.keys()) {
      if (byUrl.size <= MOST_URLS) break;
      byUrl.delete(oldest);
    }
    const { endSN, live, startSN, targetduration } = details;
    if (endSN < startSN || learned.has(details)) return;
    learned.add(details);
    newest.set(rendition, details);
    numbering.follow(rendition, details);
    tell({ t: "playlist", rendition, live, first: startSN, last: endSN, segmentMs: targetduration * 1000 });
  };

  const learnLevel = (level: Level, details: LevelDetails): void => {
    if (details.iframesOnly) return;
    const rendition = levelRendition(level);
    main = { rendition, details };
    learn(rendition, details);
  };

  /** hls.js hears of a new playlist before we do, and may ask for its first fragment at once. */
  const learnFrom = ({ baseurl, level }: Fragment, kind: "main" | "audio"): void => {
    const variant = hls.levels[level];
    const track = hls.audioTracks[level];
    if (kind === "main" && variant?.details?.url === baseurl) learnLevel(variant, variant.details);
    if (kind === "audio" && track?.details?.url === baseurl) learn(audioRendition(track), track.details);
  };

  on(Events.LEVEL_LOADED, (_, { details, level }) => {
    const variant = hls.levels[level];
    if (variant !== undefined) learnLevel(variant, details);
  });
  on(Events.AUDIO_TRACK_LOADED, (_, data) => {
    // Older versions do not name the track, only its place.
    const track: MediaPlaylist | undefined = data.track ?? hls.audioTracks[data.id];
    if (track !== undefined) learn(audioRendition(track), data.details);
  });

  return {
    keyOf: ({ frag, part, url }) => {
      const kind: string = frag.type;
      const whole = part === null && typeof frag.sn === "number";
      if (!whole || (kind !== "main" && kind !== "audio") || !isOnTheWeb(url)) return undefined;
      learnFrom(frag, kind);
      const rendition = byUrl.get(frag.baseurl);
      const msn = Number(frag.sn);
      return rendition === undefined || numbering.isReused(msn) ? undefined : { rendition, msn };
    },
    fragmentOf: ({ rendition, msn }) => {
      if (numbering.isReused(msn)) return undefined;
      return newest.get(rendition)?.fragments.find(({ sn, url }) => sn === msn && isOnTheWeb(url));
    },
    main: () => main,
    isReused: numbering.isReused,
    forget: () => {
      byUrl.clear();
      newest.clear();
      numbering.forget();
      main = undefined;
    },
    stop,
  };
}
