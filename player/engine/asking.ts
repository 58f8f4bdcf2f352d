import { PEER_LIMITS } from "../protocol/index.ts";
import { type Core, isApart, segmentMs } from "./core.ts";
import { canBeChecked } from "./digests.ts";
import { blocksInFlight, lineMs, lineRate } from "./line.ts";
import { type Ask, gives, type Holding, holds, type Neighbour } from "./neighbour.ts";
import { bytesPerMs, responseMs, window } from "./pace.ts";
import { pullOrderStart } from "./pull-order.ts";
import { layOut, type Segment, sizeOf, type Transfer } from "./segment.ts";
import { earlyRun } from "./shortfall.ts";
import type { Millis } from "./types.ts";

/** A transfer from the CDN that brings nothing for this long no longer keeps neighbours from helping, in milliseconds. */
export const STILL_MS = 1500;
/** A block that the CDN is sending is asked of a neighbour only if that is likely to take less than this share of the time. */
const SOONER_THAN_CDN = 0.5;
/** A CDN that keeps up with playback is raced only where it leaves this share of the line unused. */
const SHARE_OF_LINE = 0.5;
/** A neighbour is taken to need this many times what it needed on average, so that most blocks do come in time. */
const CERTAINTY = 1.5;
/** How much dearer a relayed link counts: its bytes cost the operator money. */
const RELAY_PENALTY = 4;

/**
 * Asks neighbours for what is missing: each block of whoever will likely bring it first, and only if that is before `by`, since
 * a later block wastes its sender's uplink. At most `room` blocks are asked for. Returns when to look again.
 */
export function askPeers(core: Core, seg: Segment, room: number, by: Millis): Millis {
  if (sizeOf(seg) === undefined || isApart(core) || !canBeChecked(core, seg)) return Number.POSITIVE_INFINITY;
  let left = Math.min(room, core.limits.blocksInFlight - blocksInFlight(core));
  let wake = seg.transfer === undefined ? Number.POSITIVE_INFINITY : seg.transfer.movedAt + STILL_MS;
  if (wake <= core.now) wake = Number.POSITIVE_INFINITY;
  const order = left > 0 ? pullOrder(core, seg) : [];
  const holders = order.length > 0 ? holdersOf(core, seg) : [];
  if (holders.length === 0) return wake;
  const runs = new Map<Neighbour, { from: number; count: number }>();
  const inTime = by - core.now - lineMs(core, blocksInFlight(core));
  for (const index of order) {
    if (left <= 0) break;
    const cdn = fromCdnMs(core, seg, index);
    const best = soonest(core, holders, index, cdn === undefined ? inTime : Math.min(inTime, SOONER_THAN_CDN * cdn));
    if (best === undefined) continue;
    if (best.restUntil > core.now) {
      wake = Math.min(wake, best.restUntil);
      continue;
    }
    const run = runs.get(best);
    if (run !== undefined && (run.from + run.count !== index || run.count >= PEER_LIMITS.blocksPerRequest)) {
      request(core, seg, best, run);
      runs.delete(best);
    }
    const open = runs.get(best);
    if (open === undefined) runs.set(best, { from: index, count: 1 });
    else open.count++;
    best.inFlight++;
    left--;
  }
  for (const [n, run] of runs) request(core, seg, n, run);
  return wake;
}

/** A neighbour's word on the size starts the fill; digests or the CDN correct it. */
export function learnSize(core: Core, seg: Segment): void {
  if (sizeOf(seg) !== undefined) return;
  for (const n of core.neighbours.values()) {
    const holding = n.holdings.get(seg.id);
    if (holding === undefined) continue;
    layOut(seg, holding.bytes, "neighbour");
    return;
  }
}

/**
 * The missing blocks in the order in which they are asked for: first those that the CDN is not sending, then those that it will
 * send last, so that it and the neighbours meet. What is to be bought early is left out.
 */
function pullOrder(core: Core, seg: Segment): number[] {
  const total = seg.blocks.length;
  const start = pullOrderStart(core, seg);
  const early = earlyRun(core, seg);
  const order: number[] = [];
  const bought: number[] = [];
  for (let step = 0; step < total; step++) {
    const index = (start + step) % total;
    if (seg.blocks[index]?.s !== "missing") continue;
    if (early !== undefined && index >= early.from && index < early.end) continue;
    (isBought(seg.transfer, index) ? bought : order).push(index);
  }
  return order.concat(bought.sort((a, b) => b - a));
}

const isBought = (transfer: Transfer | undefined, index: number): boolean =>
  transfer !== undefined && index >= transfer.next && (transfer.end === undefined || index < transfer.end);

/** How long the CDN transfer under way will take to bring this block, or undefined when it will not. */
function fromCdnMs(core: Core, seg: Segment, index: number): Millis | undefined {
  const { transfer } = seg;
  if (transfer === undefined || !isBought(transfer, index)) return undefined;
  // Of a transfer that stands still only the next block is waited for.
  if (core.now - transfer.movedAt >= STILL_MS) return index > transfer.next ? Number.POSITIVE_INFINITY : 0;
  const rate = transfer.openedAt === undefined ? 0 : transfer.bytes / (core.now - transfer.openedAt);
  const keepsUp = rate * segmentMs(core, seg.key.rendition) > (sizeOf(seg) ?? 0);
  // Where the CDN fills the line, or is about to begin, neighbours could only get in its way.
  if (rate === 0 || (keepsUp && rate > SHARE_OF_LINE * lineRate(core))) return 0;
  return ((index - transfer.next + 1) * PEER_LIMITS.blockBytes) / rate;
}

type Holder = { readonly n: Neighbour; readonly holding: Holding };

/** Neighbours that give, and hold something of the segment as it is known here. */
function holdersOf(core: Core, seg: Segment): Holder[] {
  const bytes = sizeOf(seg);
  const holders: Holder[] = [];
  for (const n of core.neighbours.values()) {
    const holding = gives(n) ? n.holdings.get(seg.id) : undefined;
    if (holding !== undefined && holding.bytes === bytes) holders.push({ n, holding });
  }
  return holders;
}

/** Who of those that hold the block will likely bring it first. One that rests is named only when all do. */
function soonest(core: Core, holders: readonly Holder[], index: number, within: Millis): Neighbour | undefined {
  let best: Neighbour | undefined;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const { n, holding } of holders) {
    if (!holds(holding, index) || n.inFlight >= window(core, n)) continue;
    const queue = ((n.inFlight + 1) * PEER_LIMITS.blockBytes) / bytesPerMs(n);
    const rest = Math.max(0, n.restUntil - core.now) * 1000;
    const needed = CERTAINTY * (responseMs(core, n) + queue);
    const ms = needed * (n.path === "direct" ? 1 : RELAY_PENALTY) + rest;
    if (ms < bestMs && needed <= within) {
      best = n;
      bestMs = ms;
    }
  }
  return best;
}

function request(core: Core, seg: Segment, n: Neighbour, run: { from: number; count: number }): void {
  const id = n.nextAsk;
  n.nextAsk = n.nextAsk >= PEER_LIMITS.requestId ? 1 : n.nextAsk + 1;
  const ask: Ask = {
    id,
    peer: n.id,
    segment: seg.id,
    from: run.from,
    count: run.count,
    left: run.count,
    askedAt: core.now,
    movedAt: core.now,
  };
  n.asks.set(id, ask);
  for (let i = run.from; i < run.from + run.count; i++) seg.blocks[i] = { s: "asked", ask };
  core.out.push({ t: "send", peer: n.id, frame: { t: "request", id, key: seg.key, from: run.from, count: run.count } });
}
