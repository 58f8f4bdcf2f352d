import { PEER_LIMITS } from "../protocol/index.ts";
import { STILL_MS } from "./asking.ts";
import { anyNeighbour, type Core, segmentMs } from "./core.ts";
import { canBeChecked } from "./digests.ts";
import { doublings } from "./election.ts";
import { cdnMs, isDisturbed, TELLING_MS } from "./estimate.ts";
import { isHelped } from "./help.ts";
import { isLineTheLimit, isTight, likelySize, lineBytes } from "./line.ts";
import { gives, holds } from "./neighbour.ts";
import { pullOrderStart } from "./pull-order.ts";
import { type Block, isAllAsked, type Segment, sizeOf, type Transfer } from "./segment.ts";
import type { Run } from "./shortfall.ts";
import type { Millis } from "./types.ts";

/**
 * A CDN that cannot keep up with playback is a CDN that too many ask. Each viewer that buys for itself alone makes it slower for
 * all, so viewers take turns: a segment is cut into parts, each part has its own order of buyers, and what a few of them bought
 * goes from neighbour to neighbour. The number of those who may buy a part doubles with each step in which it came to nobody.
 */

/** In how many parts a segment is bought in turns. */
const PARTS = 8;
/** The next ones follow when the first should have brought the part, in milliseconds: no sooner, no later than this share of a segment. */
const LEAST_STEP = 0.25;
const MOST_STEP = 2;
/** A line that carried so many times what is needed is not what slows a CDN down. */
const AMPLE = 2;
/** A turn is waited for no longer than this many times what the CDN would take alone, and so many times more as that is segments long. */
const WORTH_WAITING = 1.5;
/** How long a measurement counts, in milliseconds: who waits for its turn measures nothing new. */
const FRESH_MS = 20_000;

/**
 * Is the CDN too slow for this segment, while neighbours could help each other over it? `late`: the last moment at which all that is
 * missing would still come in time.
 */
export function takesTurns(core: Core, seg: Segment, late: Millis): boolean {
  // A CDN that sends parts is asked at once: its answer's head tells the size.
  const bytes = sizeOf(seg) ?? (sendsWholeOnly(core) ? likelySize(core, seg.key.rendition) : undefined);
  if (bytes === undefined || core.neighbours.size === 0 || seg.failedCheck || !canBeChecked(core, seg)) return false;
  const needed = bytes / segmentMs(core, seg.key.rendition);
  if (
    slowest(core, needed) >= needed ||
    isLineTheLimit(core, AMPLE * needed, needed) ||
    wouldBeMadeLate(core, seg, late)
  )
    return false;
  return isHelped(core, seg) || doublings(core, seg, "") !== undefined;
}

/**
 * Of a CDN that sends whole segments only the next turn may be a whole segment away. Who would have had it in time by asking at once is not
 * made late by waiting for turns.
 */
const wouldBeMadeLate = (core: Core, { wants }: Segment, late: Millis): boolean =>
  sendsWholeOnly(core) && core.now >= late && wants.some(({ since }) => since <= late);

const sendsWholeOnly = ({ cdn }: Core): boolean => cdn.ranges === "ignored";

/**
 * The CDN's rate as far as it was seen lately, in bytes per millisecond: by what was measured, and by what is under way. On a line
 * that carries what is needed with little to spare, only while neighbours were not what slowed it down.
 */
function slowest(core: Core, needed: number): number {
  const { bytesPerMs, measuredAt, undisturbedBytesPerMs } = core.cdn;
  const tight = isTight(core, needed);
  const fresh = core.now - measuredAt <= FRESH_MS;
  let rate = (fresh ? (tight ? undisturbedBytesPerMs : bytesPerMs) : undefined) ?? Number.POSITIVE_INFINITY;
  for (const { transfer } of core.transfers.values()) {
    if (transfer?.openedAt === undefined || (tight && isDisturbed(transfer.bytes, lineBytes(core, transfer)))) continue;
    const ms = core.now - transfer.openedAt;
    if (ms >= TELLING_MS) rate = Math.min(rate, (transfer.bytes + PEER_LIMITS.blockBytes) / ms);
  }
  return rate;
}

/** Whose turn it is: the part that this viewer may buy first, or all while the size is unknown, and from when on. */
export type Turn = { readonly run: Run | undefined; readonly at: Millis; readonly near: boolean };

/** `late`: when this viewer buys what neighbours do hold. */
export function nextTurn(core: Core, seg: Segment, late: Millis): Turn | undefined {
  const total = seg.blocks.length;
  const parts = partsOf(core, seg);
  const step = stepMs(core, seg, sizeOf(seg) ?? likelySize(core, seg.key.rendition), parts);
  const turnOf = (part: number): Millis => seg.seenAt + (doublings(core, seg, `/${part}`) ?? 0) * step;
  if (total === 0) {
    const near = isHelped(core, seg);
    const at = near ? Math.max(late, turnOf(0)) : turnOf(0);
    return { run: undefined, at: Math.min(at, Math.max(late, waitedEnough(core, seg))), near };
  }
  const first = Math.floor((pullOrderStart(core, seg) * parts) / total);
  // When all are being sent, what has not come.
  const sought = isAllAsked(seg) ? NOT_HERE : UNSENT;
  let best: Turn | undefined;
  for (let i = 0; i < parts; i++) {
    const part = (first + i) % parts;
    const run = firstRun(seg, sought, Math.floor((part * total) / parts), Math.floor(((part + 1) * total) / parts));
    if (run === undefined) continue;
    const mine = turnOf(part);
    const near = isNear(core, seg, run);
    // A copy that waits for its check is most likely right.
    const at = near ? Math.max(late, seg.blocks[run.from]?.s === "parked" ? mine + step : mine) : mine;
    if (best === undefined || at < best.at) best = { run, at, near };
  }
  return best && { ...best, at: Math.min(best.at, Math.max(late, waitedEnough(core, seg))) };
}

/** When so much time went by that whose turn it is matters no more: soon at a CDN that is a little too slow. */
function waitedEnough(core: Core, seg: Segment): Millis {
  const alone = cdnMs(core.cdn, sizeOf(seg) ?? likelySize(core, seg.key.rendition));
  const times = Math.max(1, (WORTH_WAITING * alone) / segmentMs(core, seg.key.rendition));
  return Math.min(...seg.wants.map(({ since }) => since)) + times * alone;
}

function stepMs(core: Core, seg: Segment, bytes: number, parts: number): Millis {
  const segment = segmentMs(core, seg.key.rendition);
  const part = bytes / parts / slowest(core, bytes / segment);
  return Math.max(LEAST_STEP * segment, Math.min(MOST_STEP * segment, part));
}

const UNSENT: readonly Block["s"][] = ["missing", "parked"];
const NOT_HERE: readonly Block["s"][] = [...UNSENT, "asked"];

/** The first blocks in a row within these that are in one and the same of the states sought. */
function firstRun({ blocks }: Segment, sought: readonly Block["s"][], from: number, to: number): Run | undefined {
  const start = blocks.findIndex(({ s }, at) => at >= from && at < to && sought.includes(s));
  if (start < 0) return undefined;
  let end = start;
  while (end < to && blocks[end]?.s === blocks[start]?.s) end++;
  return { from: start, end };
}

/** A copy of the first of these blocks is here unchecked, or under way, or some neighbour that gives holds it. */
function isNear(core: Core, seg: Segment, run: Run): boolean {
  const state = seg.blocks[run.from]?.s;
  if (state === "parked" || state === "asked") return true;
  return anyNeighbour(core, (n) => gives(n) && holds(n.holdings.get(seg.id), run.from));
}

/**
 * Was more asked of the CDN than one takes in a turn, and may the rest be had later? Not while something comes from one that may turn out to
 * send whole segments only: what has come would come again.
 */
export const isMoreThanAPart = (core: Core, seg: Segment, { end, next, bytes, movedAt }: Transfer): boolean =>
  (core.cdn.ranges === "sent" || bytes === 0 || core.now - movedAt >= STILL_MS) &&
  (end ?? seg.blocks.length) - next > Math.ceil(seg.blocks.length / partsOf(core, seg));

/** A CDN that sends whole segments only is asked for whole ones. */
const partsOf = (core: Core, seg: Segment): number => (sendsWholeOnly(core) ? 1 : Math.min(PARTS, seg.blocks.length));
