import type { RenditionId, SegmentKey } from "../protocol/index.ts";
import type { Core } from "./core.ts";
import { likelySize } from "./line.ts";

/** A live viewer may fill this many segments beyond the end of its own playlist: another's poll came sooner. */
const BEYOND_LIVE_EDGE = 2;
/** Share of the store that may be filled ahead of the playhead; what was played makes room for it. */
const STORE_SHARE = 0.75;

/** The segments that will be played next, first to last, or undefined while that is not known. */
export function aheadRange(core: Core): { rendition: RenditionId; first: number; last: number } | undefined {
  const rendition = core.asked?.rendition ?? core.playhead?.rendition;
  const playlist = rendition === undefined ? undefined : core.playlists.get(rendition);
  if (rendition === undefined || playlist === undefined) return undefined;
  const asked = core.asked?.msn ?? playlist.first;
  const playing = core.playhead?.rendition === rendition ? core.playhead.msn : asked - 1;
  const fitting = Math.floor((STORE_SHARE * core.limits.storeBytes) / likelySize(core, rendition));
  const horizon = playing + Math.min(fitting, Math.ceil(core.limits.prefetchMs / playlist.segmentMs));
  const end = playlist.live ? playlist.last + BEYOND_LIVE_EDGE : playlist.last;
  return { rendition, first: Math.max(playing + 1, asked), last: Math.min(end, horizon) };
}

/**
 * Would hls.js on its own be asking for this segment by now, had the CDN brought all before it at once? It is listed, follows
 * what is asked for, and begins before there is as much buffered as hls.js wants.
 */
export function wouldBeAsked(core: Core, { rendition, msn }: SegmentKey): boolean {
  const { asked, playhead } = core;
  const playlist = core.playlists.get(rendition);
  if (playlist === undefined || asked === undefined || playhead === undefined) return false;
  if (rendition !== asked.rendition || msn < asked.msn || msn > playlist.last) return false;
  const bufferedMs = Math.max(0, playhead.bufferedMs - (core.now - playhead.at));
  return bufferedMs + (msn - asked.msn) * playlist.segmentMs < playhead.goalMs;
}

/** Does it lie between the playhead and the horizon of what is played now? */
export function isAhead(core: Core, key: SegmentKey): boolean {
  const range = aheadRange(core);
  return range !== undefined && key.rendition === range.rendition && key.msn >= range.first && key.msn <= range.last;
}
