import type { Digest } from "../../tracker/protocol/index.ts";
import { type BlockFrame, blockSize, type Frame, PEER_LIMITS } from "../protocol/index.ts";
import { type Core, isApart } from "./core.ts";
import { canBeChecked } from "./digests.ts";
import { average } from "./estimate.ts";
import { hold, park } from "./fill.ts";
import { noteArrival } from "./line.ts";
import { giveUp, letGo } from "./links.ts";
import { type Ask, bytesPerMs, holds, type Neighbour, responseMs, window } from "./neighbour.ts";
import { pullOrderStart } from "./pull-order.ts";
import { digestOf, layOut, MISSING, type Segment, sizeOf } from "./segment.ts";
import { earlyRun } from "./shortfall.ts";
import type { Millis } from "./types.ts";

/** A request that brings nothing for this long, or four times what it should take, is given up; in milliseconds. */
const LEAST_SILENCE_MS = 1500;
/** A neighbour that let a request run out, or said busy, is left alone for this long, in milliseconds. */
const REST_MS = 2000;
const BUSY_REST_MS = 250;
/** A transfer from the CDN that brings nothing for this long no longer keeps neighbours from helping, in milliseconds. */
const STILL_MS = 1500;
/** Bytes over which a neighbour's rate is taken. */
const RATE_BYTES = 3 * PEER_LIMITS.blockBytes;
/** Unasked blocks after which a neighbour is let go. */
const MOST_OFFENCES = 3;
/** A neighbour is taken to need this many times what it needed on average, so that most blocks do come in time. */
const CERTAINTY = 1.5;
/** How much dearer a relayed link counts: its bytes cost the operator money. */
const RELAY_PENALTY = 4;

const silenceMs = (n: Neighbour): Millis =>
  Math.max(LEAST_SILENCE_MS, 4 * (responseMs(n) + (n.inFlight * PEER_LIMITS.blockBytes) / bytesPerMs(n)));

/**
 * Asks neighbours for what is missing: each block of whoever will likely bring it first, and only if that is before `by`, since
 * a later block wastes its sender's uplink. At most `room` blocks are asked for. Returns when to look again.
 */
export function askPeers(core: Core, seg: Segment, room: number, by: Millis): Millis {
  if (sizeOf(seg) === undefined || isApart(core) || !canBeChecked(core, seg)) return Number.POSITIVE_INFINITY;
  let left = room;
  let wake = seg.transfer === undefined ? Number.POSITIVE_INFINITY : seg.transfer.movedAt + STILL_MS;
  if (wake <= core.now) wake = Number.POSITIVE_INFINITY;
  const runs = new Map<Neighbour, { from: number; count: number }>();
  const total = seg.blocks.length;
  const start = pullOrderStart(core, seg);
  const early = earlyRun(core, seg);
  for (let step = 0; step < total && left > 0; step++) {
    const index = (start + step) % total;
    if (seg.blocks[index]?.s !== "missing" || isOnItsWay(core, seg, index)) continue;
    if (early !== undefined && index >= early.from && index < early.end) continue;
    const best = soonest(core, seg, index, by);
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

export const blocksInFlight = (core: Core): number => {
  let sum = 0;
  for (const n of core.neighbours.values()) sum += n.inFlight;
  return sum;
};

/** The CDN transfer under way will bring this block. Of one that stands still only the next block is waited for. */
function isOnItsWay(core: Core, { transfer }: Segment, index: number): boolean {
  if (transfer === undefined || index < transfer.next) return false;
  if (core.now - transfer.movedAt >= STILL_MS && index > transfer.next) return false;
  return transfer.end === undefined || index < transfer.end;
}

/** Who of those that hold the block will likely bring it first. One that rests is named only when all do. */
function soonest(core: Core, seg: Segment, index: number, by: Millis): Neighbour | undefined {
  let best: Neighbour | undefined;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const n of core.neighbours.values()) {
    const holding = n.holdings.get(seg.id);
    if (n.upload === "receive" || !holds(holding, index) || holding?.bytes !== sizeOf(seg)) continue;
    if (n.inFlight >= window(n)) continue;
    const queue = ((n.inFlight + 1) * PEER_LIMITS.blockBytes) / bytesPerMs(n);
    const rest = Math.max(0, n.restUntil - core.now) * 1000;
    const needed = CERTAINTY * (responseMs(n) + queue);
    const ms = needed * (n.path === "relay" ? RELAY_PENALTY : 1) + rest;
    if (ms < bestMs && core.now + needed <= by) {
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

/** Gives up what brings nothing. Returns when the next request will have been silent for too long. */
export function checkAsks(core: Core): Millis {
  let next = Number.POSITIVE_INFINITY;
  for (const n of core.neighbours.values()) {
    if (n.asks.size === 0) continue;
    const patience = silenceMs(n);
    for (const ask of [...n.asks.values()]) {
      // A neighbour answers in turn: while other blocks of its come in, this request merely waits.
      const silentSince = Math.max(ask.movedAt, n.movedAt);
      if (core.now - silentSince < patience) {
        next = Math.min(next, silentSince + patience);
        continue;
      }
      n.restUntil = core.now + REST_MS;
      n.bytesPerMs = bytesPerMs(n) / 2;
      giveUp(core, n, ask, true);
    }
  }
  return next;
}

/** A block came in. */
export function onBlock(core: Core, n: Neighbour, frame: BlockFrame, digest: Digest): void {
  const ask = n.asks.get(frame.id);
  const size = frame.bytes.byteLength;
  noteArrival(core, size);
  if (ask === undefined || frame.index < ask.from || frame.index >= ask.from + ask.count) {
    core.ledger.wasted(size);
    if (ask === undefined && n.dropped.has(frame.id)) return;
    offend(core, n);
    return;
  }
  const seg = core.segments.get(ask.segment);
  const block = seg?.blocks[frame.index];
  if (seg === undefined || block?.s !== "asked" || block.ask !== ask) {
    // The segment was laid out anew, or the CDN was sooner, or the same block came twice.
    core.ledger.wasted(size);
    if (block?.s === "held" || block?.s === "parked") offend(core, n);
    return;
  }
  if (size !== blockSize(sizeOf(seg) ?? 0, frame.index)) {
    core.ledger.wasted(size);
    letGo(core, n.id, "failed-check");
    giveUp(core, n, ask, false);
    return;
  }
  measure(core, n, ask, size);
  settle(core, n, ask);
  seg.blocks[frame.index] = MISSING;
  const expected = digestOf(seg, frame.index);
  const copy = { bytes: frame.bytes, digest, peer: n.id };
  if (expected === undefined) park(core, seg, frame.index, copy);
  else hold(core, seg, frame.index, copy, expected);
}

/**
 * The first block of a burst tells the response time; the rate is taken over several blocks, since one alone arrives from
 * the receive buffer in no time and would tell many times the true rate.
 */
function measure(core: Core, n: Neighbour, ask: Ask, size: number): void {
  const first = n.movedAt <= ask.askedAt;
  n.movedAt = core.now;
  if (first) {
    n.responseMs = average(n.responseMs, core.now - ask.askedAt);
    n.burst = { bytes: 0, from: core.now };
    return;
  }
  n.burst.bytes += size;
  const ms = core.now - n.burst.from;
  if (n.burst.bytes < RATE_BYTES || ms <= 0) return;
  n.bytesPerMs = average(n.bytesPerMs, n.burst.bytes / ms);
  n.burst = { bytes: 0, from: core.now };
}

function settle(core: Core, n: Neighbour, ask: Ask): void {
  ask.left--;
  ask.movedAt = core.now;
  n.inFlight--;
  if (ask.left === 0) n.asks.delete(ask.id);
}

function offend(core: Core, n: Neighbour): void {
  n.offences++;
  if (n.offences >= MOST_OFFENCES) letGo(core, n.id, "flood");
}

/** A request was refused. */
export function onRefuse(core: Core, n: Neighbour, frame: Extract<Frame, { t: "refuse" }>): void {
  const ask = n.asks.get(frame.id);
  if (ask === undefined) return;
  giveUp(core, n, ask, false);
  switch (frame.reason) {
    case "busy":
      n.restUntil = core.now + BUSY_REST_MS;
      return;
    case "not-held":
      n.holdings.delete(ask.segment);
      return;
    case "not-sharing":
      n.upload = "receive";
      return;
    default:
      frame.reason satisfies never;
  }
}
