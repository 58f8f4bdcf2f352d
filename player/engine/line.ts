import { PEER_LIMITS } from "../protocol/index.ts";
import { type Core, segmentMs } from "./core.ts";
import { missingBytes, type Segment } from "./segment.ts";
import type { Millis } from "./types.ts";

/**
 * A viewer's line carries everything at once: what neighbours send ahead of need slows down what playback waits for. So no more
 * is asked for ahead than the line can carry besides what is needed sooner.
 */

/** Taken for the line's rate before it is measured: 2 Mbit/s. */
const GUESSED_BYTES_PER_MS = 250;
/** Time over which arrivals are added up, in milliseconds. */
const WINDOW_MS = 1000;
/** How fast a rate that was not seen again is forgotten, with each window. */
const FORGET = 0.95;
/** Time that what is needed sooner must have left beyond what the line takes for it, in milliseconds. */
const SPARE_MS = 1500;
/** Share of the line that is counted on. */
const RELIABLE = 0.7;
/** Taken for a segment of which nothing is known, in bytes. */
export const GUESSED_SEGMENT_BYTES = 512 * 1024;

/** The highest rate at which bytes came in lately, and those that are being added up. */
export type Line = { peakBytesPerMs: number | undefined; bytes: number; from: Millis };

/** Bytes came in, from whomever. */
export function noteArrival(core: Core, bytes: number): void {
  const { line } = core;
  const ms = core.now - line.from;
  // The first of a window tells only when it began: how long it was on its way is not known.
  if (ms > 2 * WINDOW_MS) {
    line.from = core.now;
    line.bytes = 0;
    return;
  }
  line.bytes += bytes;
  if (ms < WINDOW_MS) return;
  line.peakBytesPerMs = Math.max(line.bytes / ms, FORGET * (line.peakBytesPerMs ?? 0));
  line.from = core.now;
  line.bytes = 0;
}

/** When playback runs dry without this segment, as far as can be told from what hls.js asked for last. */
export function neededBy(core: Core, seg: Segment): Millis {
  const { asked } = core;
  if (seg.wants.length > 0) return Math.min(...seg.wants.map((want) => want.deadline));
  if (asked === undefined || asked.rendition !== seg.key.rendition) return Number.POSITIVE_INFINITY;
  return asked.deadline + (seg.key.msn - asked.msn) * segmentMs(core, asked.rendition);
}

/** Blocks that may be on their way ahead of need, by what the line carries besides what `open` needs sooner. */
export function roomAhead(core: Core, open: readonly Segment[]): number {
  const rate = RELIABLE * Math.max(core.line.peakBytesPerMs ?? GUESSED_BYTES_PER_MS, core.cdn.bytesPerMs ?? 0);
  let room = Number.POSITIVE_INFINITY;
  let needed = 0;
  for (const seg of open) {
    needed += missingBytes(seg) ?? GUESSED_SEGMENT_BYTES;
    room = Math.min(room, (neededBy(core, seg) - core.now - SPARE_MS) * rate - needed);
    if (seg.wants.length === 0) break;
  }
  return Math.max(0, Math.floor(room / PEER_LIMITS.blockBytes));
}
