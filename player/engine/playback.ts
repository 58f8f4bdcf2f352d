import { type SegmentKey, segmentId } from "../protocol/index.ts";
import { tellPosition } from "./announce.ts";
import type { Core } from "./core.ts";
import { readBack } from "./disk.ts";
import { deliverIfWhole } from "./fill.ts";
import { giveUpRange } from "./links.ts";
import { isAhead } from "./reach.ts";
import { createSegment, isWhole, type Segment, sizeOf } from "./segment.ts";
import { forgetRendition } from "./store.ts";
import { abortTransfer } from "./transfers.ts";
import type { EngineEvent, RequestId } from "./types.ts";
import { settle } from "./vouching.ts";

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
  return before?.msn !== event.msn || before.rendition !== event.rendition;
}

/** hls.js asks for a segment: it is handed out at once when it is held whole. */
export function onWant(core: Core, event: Extract<EngineEvent, { t: "want" }>): void {
  const seg = segmentOf(core, event.key);
  const { request, deadline, start } = event;
  seg.wants.push({ request, deadline, start, since: core.now });
  core.open.add(seg);
  core.asked = { rendition: event.key.rendition, msn: event.key.msn, deadline };
  settle(core, seg);
  readBack(core, seg);
  if (isWhole(seg)) deliverIfWhole(core, seg);
  else if (seg.held > 0) core.out.push({ t: "progress", request, held: heldBytes(seg), bytes: sizeOf(seg) });
  tellPosition(core, event.key);
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
