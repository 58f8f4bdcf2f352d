import type { SegmentId } from "../../tracker/protocol/index.ts";
import type { RenditionId } from "../protocol/index.ts";
import { tellLost } from "./announce.ts";
import type { Core } from "./core.ts";
import { moveToDisk } from "./disk.ts";
import { release } from "./fill.ts";
import { giveUpRange } from "./links.ts";
import { isOnDisk, isWanted, type Segment } from "./segment.ts";

/** A full store is brought down to this share of its limit, so that not every block costs a clean-up. */
const KEPT_SHARE = 0.95;
/** Segments without a byte that are remembered; the oldest beyond that are forgotten. */
const MOST_EMPTY = 256;

/**
 * Keeps the store within its limit: the least useful segments go first, which are those behind the playhead, and among them
 * the ones that most neighbours hold as well. What hls.js waits for is never thrown away, nor what was read from disk and is being sent.
 */
export function evict(core: Core): void {
  if (core.storedBytes > core.limits.storeBytes) {
    const served = beingServed(core);
    const byUse = [...core.segments.values()]
      .filter((seg) => seg.wants.length === 0 && seg.transfer === undefined && hasBytes(seg) && !served.has(seg.id))
      .sort((a, b) => usefulness(core, a) - usefulness(core, b));
    for (const seg of byUse) {
      if (core.storedBytes <= core.limits.storeBytes * KEPT_SHARE) break;
      if (!moveToDisk(core, seg)) remove(core, seg);
    }
  }
  if (core.segments.size > MOST_EMPTY) forgetEmpty(core);
}

const hasBytes = (seg: Segment): boolean => seg.blocks.some(({ s }) => s === "held" || s === "parked");

/** What was read from disk for a neighbour would otherwise go back there before it is sent. */
function beingServed(core: Core): Set<SegmentId> {
  const ids = new Set<SegmentId>();
  if (core.disk === "none") return ids;
  for (const n of core.neighbours.values()) for (const job of n.uploads) ids.add(job.segment);
  return ids;
}

/** Higher is kept longer. What lies ahead of the playhead beats all that lies behind it. */
function usefulness(core: Core, seg: Segment): number {
  const { playhead } = core;
  if (playhead === undefined) return 0;
  const distance = seg.key.msn - playhead.msn;
  const near = distance >= 0 ? 10_000 - Math.min(9_999, distance) : -Math.min(9_999, -distance);
  const otherRendition = seg.key.rendition === playhead.rendition ? 0 : 5000;
  return near - otherRendition - replicas(core, seg);
}

function replicas(core: Core, seg: Segment): number {
  let count = 0;
  for (const n of core.neighbours.values()) if (n.holdings.get(seg.id)?.blocks === "all") count++;
  return count;
}

/** Throws a segment away and tells neighbours. */
export function remove(core: Core, seg: Segment): void {
  giveUpRange(core, seg, 0, seg.blocks.length);
  const told = seg.held > 0 || isOnDisk(seg);
  release(core, seg);
  core.segments.delete(seg.id);
  core.open.delete(seg);
  core.untold.delete(seg);
  core.unpublished.delete(seg);
  core.unvouched.delete(seg);
  if (told) tellLost(core, seg);
}

/** Throws away all of a rendition that nobody waits for. */
export function forgetRendition(core: Core, rendition: RenditionId): void {
  for (const seg of [...core.segments.values()]) {
    if (seg.key.rendition === rendition && seg.wants.length === 0) remove(core, seg);
  }
}

function forgetEmpty(core: Core): void {
  let spare = core.segments.size - MOST_EMPTY;
  for (const seg of core.segments.values()) {
    if (spare <= 0) return;
    if (isWanted(seg) || seg.transfer !== undefined || seg.held > 0 || isOnDisk(seg)) continue;
    remove(core, seg);
    spare--;
  }
}
