import type { Digest } from "../../tracker/protocol/index.ts";
import { type BlockFrame, blockSize, type Frame, PEER_LIMITS } from "../protocol/index.ts";
import type { Core } from "./core.ts";
import { hold, park } from "./fill.ts";
import { blocksInFlight, lineMs, noteArrival } from "./line.ts";
import { giveUp, letGo } from "./links.ts";
import type { Ask, Neighbour } from "./neighbour.ts";
import { bytesPerMs, measure, responseMs } from "./pace.ts";
import { digestOf, isWanted, MISSING, sizeOf } from "./segment.ts";
import type { Millis } from "./types.ts";

/** A request that brings nothing for this long, or four times what it should take, is given up; in milliseconds. */
const LEAST_SILENCE_MS = 1500;
/** A neighbour that let a request run out, or said busy, is left alone for this long, in milliseconds. */
const REST_MS = 2000;
const BUSY_REST_MS = 250;
/** Unasked blocks after which a neighbour is let go. */
const MOST_OFFENCES = 3;

const silenceMs = (core: Core, n: Neighbour, onLine: Millis): Millis => {
  const expected = responseMs(core, n) + (n.inFlight * PEER_LIMITS.blockBytes) / bytesPerMs(n);
  return Math.max(LEAST_SILENCE_MS, 4 * expected, onLine);
};

/** Gives up what brings nothing. Returns when the next request will have been silent for too long. */
export function checkAsks(core: Core): Millis {
  let next = Number.POSITIVE_INFINITY;
  const onLine = lineMs(core, blocksInFlight(core));
  for (const n of core.neighbours.values()) {
    if (n.asks.size === 0) continue;
    const patience = silenceMs(core, n, onLine);
    for (const ask of n.asks.values()) {
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
  const given = ask ?? n.dropped.get(frame.id);
  const size = frame.bytes.byteLength;
  noteArrival(core, size);
  if (given === undefined || frame.index < given.from || frame.index >= given.from + given.count) {
    core.ledger.wasted(size);
    offend(core, n);
    return;
  }
  const seg = core.segments.get(given.segment);
  const block = seg?.blocks[frame.index];
  // What was given up while it was under way is as good as any other copy, as long as it is missing.
  const isOfUse =
    ask === undefined
      ? seg !== undefined && isWanted(seg) && block?.s === "missing"
      : block?.s === "asked" && block.ask === ask;
  if (seg === undefined || !isOfUse) {
    // The segment was laid out anew, or the CDN was sooner, or the same block came twice.
    core.ledger.wasted(size);
    if (ask !== undefined && (block?.s === "held" || block?.s === "parked")) offend(core, n);
    return;
  }
  if (size !== blockSize(sizeOf(seg) ?? 0, frame.index)) {
    core.ledger.wasted(size);
    letGo(core, n.id, "failed-check");
    return;
  }
  if (ask !== undefined) {
    measure(core, n, ask, size);
    settle(core, n, ask);
  }
  seg.blocks[frame.index] = MISSING;
  const expected = digestOf(seg, frame.index);
  const copy = { bytes: frame.bytes, digest, peer: n.id };
  if (expected === undefined) park(core, seg, frame.index, copy);
  else hold(core, seg, frame.index, copy, expected);
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
  }
}
