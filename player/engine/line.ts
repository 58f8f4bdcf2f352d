import { PEER_LIMITS, type RenditionId } from "../protocol/index.ts";
import { type Core, segmentMs } from "./core.ts";
import { deadlineOf, missingBytes, type Segment, type Transfer } from "./segment.ts";
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
/** What is on its way ahead of need must not take the line for longer than this, in milliseconds. */
const AHEAD_MS = 1000;
const LEAST_AHEAD_BYTES = 2 * PEER_LIMITS.blockBytes;
/** Share of the line that is counted on. */
const RELIABLE = 0.7;
/** A line with less than this many times the rate that is needed has little to spare. */
const TIGHT = 1.6;
/** Where the line is the limit, the CDN alone filled it with this share of what is needed or more. */
const NEARLY = 0.6;
/** What it carries with neighbours is between these shares of what it carries without. */
const NO_LESS = 0.75;
const NO_MORE = 1.2;
/** Taken for the size of a rendition's first segment, in bytes. */
const GUESSED_SEGMENT_BYTES = 512 * 1024;

/** Bytes came in, from whomever. */
export function noteArrival(core: Core, bytes: number): void {
  const { line } = core;
  line.total += bytes;
  const ms = core.now - line.from;
  // The first of a window tells only when it began: how long it was on its way is not known.
  if (ms > 2 * WINDOW_MS) {
    line.from = core.now;
    line.bytes = 0;
    return;
  }
  line.bytes += bytes;
  if (ms < WINDOW_MS) return;
  line.mostBytesPerMs = Math.max(line.bytes / ms, line.mostBytesPerMs);
  line.peakBytesPerMs = Math.max(line.bytes / ms, FORGET * (line.peakBytesPerMs ?? 0));
  line.from = core.now;
  line.bytes = 0;
}

/** What the line carries, as far as it was seen to, in bytes per millisecond. */
export const lineRate = (core: Core): number =>
  Math.max(core.line.peakBytesPerMs ?? GUESSED_BYTES_PER_MS, core.cdn.bytesPerMs ?? 0);

/**
 * Does the line carry this rate, in bytes per millisecond, with little to spare? Then a source that seems slow may only have to
 * share it.
 */
export function isTight({ line: { mostBytesPerMs } }: Core, rate: number): boolean {
  return mostBytesPerMs >= rate && mostBytesPerMs < TIGHT * rate;
}

/**
 * Is it the line, in bytes per millisecond no wider than `width`, that is the limit, rather than the CDN, which nearly filled it with what is
 * `needed`? Then neighbours' blocks made it carry no more than the CDN alone had: they took from the CDN what they brought.
 */
export function isLineTheLimit({ cdn, line }: Core, width: number, needed: number): boolean {
  const { sharedBytesPerMs, undisturbedBytesPerMs: alone } = cdn;
  if (sharedBytesPerMs === undefined || alone === undefined || alone < NEARLY * needed) return false;
  // Over a short time the last block of one before is taken for a part of it.
  const shared = Math.min(sharedBytesPerMs, line.mostBytesPerMs);
  return Math.max(line.mostBytesPerMs, alone) < width && shared > NO_LESS * alone && shared <= NO_MORE * alone;
}

/** All that came over the line since a transfer was opened, in bytes. */
export const lineBytes = (core: Core, transfer: Transfer): number => core.line.total - transfer.lineBefore;

/** Blocks that all neighbours together are sending. */
export const blocksInFlight = (core: Core): number => {
  let sum = 0;
  for (const n of core.neighbours.values()) sum += n.inFlight;
  return sum;
};

/** How long the line is taken by so many blocks, and by what was given up and comes all the same. */
export const lineMs = (core: Core, blocks: number): Millis =>
  (blocks * PEER_LIMITS.blockBytes) / lineRate(core) + ghostMs(core);

const ghostMs = (core: Core): Millis => Math.max(0, core.line.ghostsUntil - core.now);

/** Blocks were given up that a neighbour may be sending already. */
export function noteGhosts(core: Core, blocks: number): void {
  const from = Math.max(core.now, core.line.ghostsUntil);
  core.line.ghostsUntil = from + (blocks * PEER_LIMITS.blockBytes) / lineRate(core);
}

/** Blocks that may be on their way ahead, by what the line carries besides what is needed sooner. */
export function roomAhead(core: Core, wanted: readonly Segment[]): number {
  const rate = RELIABLE * lineRate(core);
  let room = Math.max(LEAST_AHEAD_BYTES, AHEAD_MS * lineRate(core));
  let needed = 0;
  for (const { bytes, by } of wanted.length > 0 ? wanted.map((seg) => needOf(core, seg)) : nextNeed(core)) {
    needed += bytes;
    room = Math.min(room, (by - core.now - SPARE_MS - ghostMs(core)) * rate - needed);
  }
  return Math.max(0, Math.floor(room / PEER_LIMITS.blockBytes));
}

/** Bytes that playback needs, and when it runs dry without them. */
type Need = { readonly bytes: number; readonly by: Millis };

/** Bytes of a segment that are not held. One whose size is not known is likely as large as the last of its rendition. */
export const likelyMissing = (core: Core, seg: Segment): number =>
  missingBytes(seg) ?? likelySize(core, seg.key.rendition);

/** Size in bytes of a rendition's next segment: as the last, or a guess. */
export const likelySize = (core: Core, rendition: RenditionId): number =>
  core.sizes.get(rendition) ?? GUESSED_SEGMENT_BYTES;

const needOf = (core: Core, seg: Segment): Need => ({
  bytes: likelyMissing(core, seg),
  by: deadlineOf(seg),
});

/** Between two of its wishes: hls.js will ask for the next segment. */
function nextNeed(core: Core): Need[] {
  const { asked } = core;
  if (asked === undefined) return [];
  return [{ bytes: likelySize(core, asked.rendition), by: asked.deadline + segmentMs(core, asked.rendition) }];
}
