import type { CdnReason } from "../../worker/protocol/index.ts";
import { blockSize, PEER_LIMITS } from "../protocol/index.ts";
import { type Core, isApart, segmentMs, shares } from "./core.ts";
import { canBeChecked, knownDigests, vouch } from "./digests.ts";
import { patience } from "./election.ts";
import { cdnMs, measureCdn } from "./estimate.ts";
import { deliverIfWhole, holdFromCdn, release } from "./fill.ts";
import { giveUpRange } from "./links.ts";
import type { Neighbour } from "./neighbour.ts";
import { type Block, isWhole, layOut, missingBytes, type Segment, sizeOf, type Transfer } from "./segment.ts";
import { earlyRun, type Run } from "./shortfall.ts";
import type { CdnFault, EngineEvent, Millis } from "./types.ts";
import { VOUCHERS } from "./vouching.ts";

/** Time kept in hand for the CDN beyond its own estimate, in milliseconds: a third of a segment within these bounds. */
const LEAST_MARGIN_MS = 1000;
const MOST_MARGIN_MS = 2500;
/** The same when all that is missing is on its way from neighbours. */
const ASKED_MARGIN_MS = 500;
/** Taken for the size of a segment of which nothing is known, in bytes. */
const GUESSED_SEGMENT_BYTES = 512 * 1024;
/** How long a newcomer waits for its first neighbours, in milliseconds. */
const GRACE_MS = 3000;
/** How long a new neighbour is given to say what it holds, in milliseconds. */
const FIRST_WORDS_MS = 1000;
/** A neighbour that said it is buying and then told of no new block is not relied on for longer than this. */
const BUYING_MS = 3000;
/** First pause after a failed transfer while neighbours may still help, in milliseconds; doubles each time. */
const RETRY_MS = 500;

type Decision = { readonly buy: CdnReason; readonly run?: Run } | { readonly waitUntil: Millis };

/** Buys what must be bought now. Returns when to look again. */
export function buyIfDue(core: Core, seg: Segment): Millis {
  if (seg.wants.length === 0 || seg.transfer !== undefined || isWhole(seg)) return Number.POSITIVE_INFINITY;
  if (core.now < seg.cdnRetryAt) return seg.cdnRetryAt;
  const decision = decide(core, seg);
  if ("waitUntil" in decision) return decision.waitUntil;
  const { run } = decision;
  if (run === undefined) buy(core, seg, decision.buy, "due", lastMissingRun(seg));
  else buy(core, seg, decision.buy, "early", run);
  return Number.POSITIVE_INFINITY;
}

function decide(core: Core, seg: Segment): Decision {
  if (core.mode === "off") return { buy: "policy" };
  if (isApart(core)) return { buy: "p2pOff" };
  const helped = isHelped(core, seg);
  const last = latestSafe(core, seg);
  const early = helped ? earlyRun(core, seg) : undefined;
  if (early !== undefined) return { buy: "tooLate", run: early };
  const until = helped ? last : Math.min(last, hopelessFrom(core, seg));
  return core.now < until ? { waitUntil: until } : { buy: reasonNow(core, seg, helped) };
}

/** From when on it is no use to wait for others, when nobody near holds or buys the segment. */
function hopelessFrom(core: Core, seg: Segment): Millis {
  if (seg.digests.verdict === "conflict") return core.now;
  if (core.neighbours.size === 0) return graceEnd(core);
  let from = seg.seenAt + patience(core, seg);
  for (const n of core.neighbours.values()) if (!n.heard) from = Math.max(from, n.openedAt + FIRST_WORDS_MS);
  return from;
}

function reasonNow(core: Core, seg: Segment, helped: boolean): CdnReason {
  if (seg.wants.some((want) => want.start)) return "start";
  if (seg.failedCheck) return "failedCheck";
  if (helped) return "tooLate";
  if (core.tracker === "down" && core.neighbours.size < VOUCHERS) return "p2pOff";
  return core.neighbours.size === 0 ? "noPeer" : "duty";
}

/**
 * The last moment at which the CDN, asked for all that is not held, is still in time. Blocks that neighbours are sending are
 * given the margin as well, since most of them do come.
 */
function latestSafe(core: Core, seg: Segment): Millis {
  const deadline = Math.min(...seg.wants.map((want) => want.deadline));
  const missing = missingBytes(seg) ?? GUESSED_SEGMENT_BYTES;
  const third = segmentMs(core, seg.key.rendition) / 3;
  const margin = Math.max(LEAST_MARGIN_MS, Math.min(MOST_MARGIN_MS, third));
  const kept = isAllAsked(seg) ? ASKED_MARGIN_MS : margin;
  return deadline - cdnMs(core.cdn, missing) - (core.caution.step === "none" ? kept : 2 * kept);
}

/** Until when a block from a neighbour is of use: after that the CDN is asked for it. */
export function usefulUntil(core: Core, seg: Segment): Millis {
  if (seg.wants.length === 0) return Number.POSITIVE_INFINITY;
  const deadline = Math.min(...seg.wants.map((want) => want.deadline));
  return deadline - cdnMs(core.cdn, PEER_LIMITS.blockBytes);
}

/** Nothing is left that no neighbour is sending. */
const isAllAsked = (seg: Segment): boolean =>
  seg.blocks.length > 0 && seg.blocks.every((block) => block.s !== "missing");

/** Until when a viewer without neighbours may hope for its first. */
function graceEnd(core: Core): Millis {
  if (core.tracker === "down") return Number.NEGATIVE_INFINITY;
  if (core.joinedAt === undefined) return core.startedAt + GRACE_MS;
  return core.swarmSize > 1 ? core.joinedAt + GRACE_MS : Number.NEGATIVE_INFINITY;
}

/** Somebody near holds a missing block that can be checked, or is fetching the segment from the CDN. */
function isHelped(core: Core, seg: Segment): boolean {
  if (!canBeChecked(core, seg)) return false;
  let needed = core.tracker === "down" && knownDigests(seg) === undefined ? VOUCHERS : 1;
  for (const n of core.neighbours.values()) {
    if (n.upload !== "receive" && helps(core, n, seg)) needed--;
    if (needed === 0) return true;
  }
  return false;
}

function helps(core: Core, n: Neighbour, seg: Segment): boolean {
  const since = n.buying.get(seg.id);
  if (since !== undefined && core.now - since < BUYING_MS) return true;
  const holding = n.holdings.get(seg.id);
  return holding !== undefined && (sizeOf(seg) ?? holding.bytes) === holding.bytes;
}

/** Starts a transfer for a run of blocks: neighbours go on with the others. */
function buy(core: Core, seg: Segment, reason: CdnReason, when: Transfer["when"], run: Run | undefined): void {
  const fetch = core.nextFetch++;
  const bytes = sizeOf(seg);
  const whole = bytes === undefined || run === undefined || (run.from === 0 && run.end === seg.blocks.length);
  const from = whole ? 0 : run.from;
  const end = whole ? undefined : run.end;
  if (run !== undefined) giveUpRange(core, seg, from, run.end);
  seg.sources.reason ??= reason;
  seg.transfer = {
    fetch,
    reason,
    when,
    askedAt: core.now,
    next: from,
    end: end ?? (bytes === undefined ? undefined : seg.blocks.length),
    openedAt: undefined,
    movedAt: core.now,
    bytes: 0,
  };
  core.transfers.set(fetch, seg);
  const toEnd = end === undefined || end === seg.blocks.length;
  core.out.push({
    t: "cdn-get",
    fetch,
    key: seg.key,
    from: from * PEER_LIMITS.blockBytes,
    to: toEnd ? undefined : end * PEER_LIMITS.blockBytes,
  });
  if (!shares(core)) return;
  for (const n of core.neighbours.values()) {
    core.out.push({ t: "send", peer: n.id, frame: { t: "buying", key: seg.key } });
  }
}

/** The last blocks in a row that nobody is sending; when all are being sent, the last that are not held. */
function lastMissingRun(seg: Segment): Run | undefined {
  const all = isAllAsked(seg);
  const wanting = (block: Block | undefined) => block?.s === "missing" || (all && block?.s !== "held");
  let end = seg.blocks.length;
  while (end > 0 && !wanting(seg.blocks[end - 1])) end--;
  if (end === 0) return undefined;
  let from = end;
  while (from > 0 && wanting(seg.blocks[from - 1])) from--;
  return { from, end };
}

/** The transfer's head. A size other than the one believed so far is the CDN's to tell. */
export function onCdnOpened(core: Core, event: Extract<EngineEvent, { t: "cdn-opened" }>): void {
  const seg = core.transfers.get(event.fetch);
  const transfer = seg?.transfer;
  if (seg === undefined || transfer === undefined) return;
  transfer.openedAt = core.now;
  transfer.movedAt = core.now;
  transfer.next = event.from / PEER_LIMITS.blockBytes;
  if (event.bytes === undefined) {
    // Without a size the answer is a whole one or ends where it was asked to: blocks are laid out as they come.
    if (seg.size.from !== "digests" && event.from === 0) reset(core, seg);
    return;
  }
  if (sizeOf(seg) !== event.bytes) release(core, seg);
  if (seg.size.from === "digests" && seg.size.bytes !== event.bytes) {
    seg.digests.verdict = "conflict";
    seg.failedCheck = true;
  }
  layOut(seg, event.bytes, "cdn");
  transfer.end = Math.min(transfer.end ?? seg.blocks.length, seg.blocks.length);
}

function reset(core: Core, seg: Segment): void {
  release(core, seg);
  seg.size = { from: "nobody" };
  seg.blocks = [];
}

/** A block from the CDN. */
export function onCdnBlock(core: Core, event: Extract<EngineEvent, { t: "cdn-block" }>): void {
  const seg = core.transfers.get(event.fetch);
  const transfer = seg?.transfer;
  const size = event.bytes.byteLength;
  if (seg === undefined || transfer === undefined) return;
  transfer.next = event.index + 1;
  transfer.movedAt = core.now;
  transfer.bytes += size;
  core.ledger.cdn(size, transfer.reason);
  if (transfer.reason === "tooLate" && transfer.when === "due") seg.boughtLate += size;
  const before = seg.blocks[event.index];
  if (before?.s === "held") {
    core.ledger.wasted(size);
    return;
  }
  giveUpRange(core, seg, event.index, event.index + 1);
  holdFromCdn(core, seg, event.index, event.bytes);
  vouch(core, seg, event.index, event.digest);
}

/** All of a transfer came. */
export function onCdnDone(core: Core, event: Extract<EngineEvent, { t: "cdn-done" }>): void {
  const seg = core.transfers.get(event.fetch);
  if (seg?.transfer === undefined) return;
  const short = seg.transfer.end !== undefined && seg.transfer.next < seg.transfer.end;
  settle(core, seg, event.stray);
  if (short) {
    // Asking again at once could go on for ever; a fault leaves the next try to neighbours or to hls.js' own policy.
    onFault(core, seg, { kind: "network" });
    return;
  }
  if (seg.size.from === "nobody") {
    const bytes = seg.blocks.reduce((sum, block) => sum + (block.s === "held" ? block.bytes.byteLength : 0), 0);
    seg.size = { from: "cdn", bytes };
  }
  if (!fits(seg)) {
    onFault(core, seg, { kind: "wrong-size" });
    return;
  }
  deliverIfWhole(core, seg);
}

/** Every held block has the length that its place asks for. */
function fits(seg: Segment): boolean {
  const bytes = sizeOf(seg) ?? 0;
  return seg.blocks.every((block, i) => block.s !== "held" || block.bytes.byteLength === blockSize(bytes, i));
}

/** A transfer ended early. hls.js hears of it only when no neighbour can fill the segment instead. */
export function onCdnFailed(core: Core, event: Extract<EngineEvent, { t: "cdn-failed" }>): void {
  const seg = core.transfers.get(event.fetch);
  if (seg === undefined) return;
  settle(core, seg, event.stray);
  onFault(core, seg, event.fault);
}

function onFault(core: Core, seg: Segment, fault: CdnFault): void {
  if (fault.kind === "wrong-size" || fault.kind === "changed") {
    release(core, seg);
    seg.own.clear();
    seg.unpublished.clear();
  }
  seg.cdnFailures++;
  const deadline = Math.min(...seg.wants.map((want) => want.deadline));
  if (!isApart(core) && isHelped(core, seg) && core.now < deadline) {
    seg.cdnRetryAt = Math.min(deadline, core.now + RETRY_MS * 2 ** Math.min(6, seg.cdnFailures - 1));
    return;
  }
  for (const want of seg.wants.splice(0)) core.out.push({ t: "fail", request: want.request, fault });
}

/** Counts a transfer that is over and lets go of it. */
function settle(core: Core, seg: Segment, stray: number): void {
  const { transfer } = seg;
  if (transfer === undefined) return;
  core.ledger.cdn(stray, transfer.reason);
  core.ledger.wasted(stray);
  const openedAt = transfer.openedAt;
  if (openedAt !== undefined) {
    const bodyMs = transfer.movedAt - openedAt;
    measureCdn(core.cdn, openedAt - transfer.askedAt, transfer.bytes, bodyMs);
    seg.sources.cdnMs += core.now - transfer.askedAt;
    seg.sources.firstByteMs = openedAt - transfer.askedAt;
  }
  core.transfers.delete(transfer.fetch);
  seg.transfer = undefined;
}

/** Stops a transfer that nobody waits for any more. */
export function abortTransfer(core: Core, seg: Segment): void {
  if (seg.transfer === undefined) return;
  core.out.push({ t: "cdn-abort", fetch: seg.transfer.fetch });
  core.aborted.set(seg.transfer.fetch, seg.transfer.reason);
  settle(core, seg, 0);
}

/** The remains of an aborted transfer: they crossed the wire and count. */
export function onCdnAborted(core: Core, event: Extract<EngineEvent, { t: "cdn-aborted" }>): void {
  const reason = core.aborted.get(event.fetch);
  if (reason === undefined) return;
  core.aborted.delete(event.fetch);
  core.ledger.cdn(event.stray, reason);
  core.ledger.wasted(event.stray);
}
