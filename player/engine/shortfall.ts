import { type Core, segmentMs } from "./core.ts";
import { fraction } from "./hash.ts";
import { pullOrderStart } from "./pull-order.ts";
import { type Segment, sizeOf } from "./segment.ts";
import type { Millis } from "./types.ts";

/**
 * Where neighbours together cannot upload what all play, each viewer lacks a part of every segment in the end, and buying it at
 * the last moment comes too late for anybody to profit. So the part that was lacking is remembered, and as much of the next
 * segments is bought as soon as hls.js would have asked for them: other blocks by each viewer, which makes every uplink useful
 * at once. By how much a segment then lags behind what neighbours brought of late is bought as it turns out.
 */

/** Weight of what was lacking in the newest segment. */
const RISE = 0.5;
/**
 * How much the share bought early falls for a segment that was whole one target duration before it had to be; with the square of that
 * time, so that where uplink is scarce little has to be bought late, and elsewhere a mishap is soon forgotten.
 */
const FALL = 0.1;
/** A segment that comes in nearer to its deadline than this was not early, in milliseconds. */
const KEPT_MS = 1500;
/** What neighbours bring should be there so long before the rest has to be bought, in milliseconds. */
const AHEAD_MS = 1000;
/** From this share on the mesh is short of uplink, rather than a segment late by chance. */
const SCARCE_FROM = 0.1;

/** A run of blocks; `end` exclusive. */
export type Run = { readonly from: number; readonly end: number };

/** Neighbours cannot upload all that is played here. */
export const isScarce = (core: Core): boolean => core.shortfall >= SCARCE_FROM;

/**
 * The blocks to buy early, or undefined when there are none: the last in the order in which neighbours are asked, who are not
 * asked for them.
 */
export function earlyRun(core: Core, seg: Segment): Run | undefined {
  const total = seg.blocks.length;
  // A part of a block is bought in as many of the segments; a part of a segment, where the CDN sends none, likewise.
  const unit = core.cdn.ranges === "ignored" ? total : 1;
  const units = Math.floor((core.shortfall * total) / unit + fraction(`${seg.id}/${core.self ?? ""}`));
  const count = Math.min(total, units * unit);
  if (seg.sources.reason !== undefined || sizeOf(seg) === undefined || count === 0) return undefined;
  const start = pullOrderStart(core, seg) - count + total;
  let longest: Run | undefined;
  for (let step = 0; step < total; ) {
    const from = (start + step) % total;
    let end = from;
    while (end < Math.min(total, from + count) && seg.blocks[end]?.s === "missing") end++;
    if (end - from === count) return { from, end };
    if (end > from && (longest === undefined || end - from > longest.end - longest.from)) longest = { from, end };
    step += Math.max(1, end - from);
  }
  return longest;
}

/**
 * How many blocks a wanted segment lags behind, so that neighbours, who bring what was not lacking of late, will not have brought the
 * rest by `until`; and when it will be one more if none comes.
 */
export function lagging(core: Core, seg: Segment, until: Millis): { readonly blocks: number; readonly nextAt: Millis } {
  const total = seg.blocks.length;
  const missing = total - seg.held;
  const blockMs = segmentMs(core, seg.key.rendition) / ((1 - core.shortfall) * total);
  const by = until - AHEAD_MS;
  const blocks = Math.floor(missing - Math.max(0, by - core.now) / blockMs);
  return { blocks, nextAt: Math.min(until, by - (missing - blocks - 1) * blockMs) };
}

/** A wanted segment is whole: learns from how much of it had to be bought late, or how long before `deadline` it was there. */
export function learnShortfall(core: Core, seg: Segment, deadline: number): void {
  const bytes = sizeOf(seg) ?? 0;
  if (bytes === 0 || seg.sources.reason === "duty" || seg.sources.reason === "start") return;
  const early = (deadline - core.now - KEPT_MS) / segmentMs(core, seg.key.rendition);
  const change = (RISE * seg.boughtLate) / bytes - FALL * Math.max(0, Math.min(1, early)) ** 2;
  core.shortfall = Math.max(0, Math.min(1, core.shortfall + change));
}
