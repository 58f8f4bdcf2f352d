import { type RenditionId, type SegmentKey, segmentId } from "../protocol/index.ts";
import { tellPosition } from "./announce.ts";
import type { Core } from "./core.ts";
import { readBack } from "./disk.ts";
import { deliverIfWhole } from "./fill.ts";
import { giveUpRange } from "./links.ts";
import { createSegment, isWhole, type Segment, sizeOf } from "./segment.ts";
import { forgetRendition } from "./store.ts";
import { abortTransfer } from "./transfers.ts";
import type { EngineEvent, RequestId } from "./types.ts";
import { settle } from "./vouching.ts";

/** A live viewer may fill this many segments beyond the end of its own playlist: another's poll came sooner. */
const BEYOND_LIVE_EDGE = 2;
/** Playlists come from several caches: one that ends so many segments sooner is merely an older one. */
const STALE_SEGMENTS = 3;

export function segmentOf(core: Core, key: SegmentKey): Segment {
  const id = segmentId(key);
  const known = core.segments.get(id);
  if (known !== undefined) return known;
  const seg = createSegment(key, core.now);
  core.segments.set(id, seg);
  return seg;
}

export function onPlaylist(core: Core, event: Extract<EngineEvent, { t: "playlist" }>): void {
  const before = core.playlists.get(event.rendition);
  core.playlists.set(event.rendition, event);
  // The stream began anew: each number means other bytes now, and nobody must be given the old ones.
  if (before?.live === true && event.last < before.last - STALE_SEGMENTS) forgetRendition(core, event.rendition);
}

/** Where playback is. False when it is still in the same segment. */
export function onPlayhead(core: Core, event: Extract<EngineEvent, { t: "playhead" }>): boolean {
  const before = core.playhead;
  const { rendition, msn, bufferedMs, goalMs } = event;
  core.playhead = { rendition, msn, bufferedMs, goalMs, at: core.now };
  if (before?.msn === event.msn && before.rendition === event.rendition) return false;
  tellPosition(core);
  return true;
}

/** hls.js asks for a segment: it is handed out at once when it is held whole. */
export function onWant(core: Core, event: Extract<EngineEvent, { t: "want" }>): void {
  const seg = segmentOf(core, event.key);
  const { request, deadline, start } = event;
  seg.wants.push({ request, deadline, start, since: core.now });
  core.open.add(seg);
  const { rendition, msn } = event.key;
  const moved = core.asked?.rendition !== rendition || core.asked.msn !== msn;
  core.asked = { rendition, msn, deadline };
  settle(core, seg);
  readBack(core, seg);
  if (isWhole(seg)) deliverIfWhole(core, seg);
  else if (seg.held > 0) core.out.push({ t: "progress", request, held: heldBytes(seg), bytes: sizeOf(seg) });
  if (moved) tellPosition(core);
}

const heldBytes = (seg: Segment): number =>
  seg.blocks.reduce((sum, block) => sum + (block.s === "held" ? block.bytes.byteLength : 0), 0);

/** hls.js does not want it any more: the CDN is stopped; neighbours go on only with what is soon to be played. */
export function onAbandon(core: Core, request: RequestId): void {
  for (const seg of core.open) {
    const at = seg.wants.findIndex((want) => want.request === request);
    if (at < 0) continue;
    seg.wants.splice(at, 1);
    if (seg.wants.length > 0) return;
    abortTransfer(core, seg);
    seg.ahead = isAhead(core, seg.key);
    if (!seg.ahead) giveUpRange(core, seg, 0, seg.blocks.length);
    return;
  }
}

/** The segments that will be played next, first to last, or undefined while that is not known. */
export function aheadRange(core: Core): { rendition: RenditionId; first: number; last: number } | undefined {
  const rendition = core.asked?.rendition ?? core.playhead?.rendition;
  const playlist = rendition === undefined ? undefined : core.playlists.get(rendition);
  if (rendition === undefined || playlist === undefined) return undefined;
  const asked = core.asked?.msn ?? playlist.first;
  const playing = core.playhead?.rendition === rendition ? core.playhead.msn : asked - 1;
  const horizon = playing + Math.ceil(core.limits.prefetchMs / playlist.segmentMs);
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
