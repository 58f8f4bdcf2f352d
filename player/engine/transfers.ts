import { blockSize, PEER_LIMITS } from "../protocol/index.ts";
import { type Core, isApart } from "./core.ts";
import { vouch } from "./digests.ts";
import { measureCdn } from "./estimate.ts";
import { deliverIfWhole, holdFromCdn, release } from "./fill.ts";
import { isHelped } from "./help.ts";
import { ownPause } from "./in-hand.ts";
import { lineBytes, noteArrival } from "./line.ts";
import { giveUpRange } from "./links.ts";
import { layOut, type Segment, sizeOf, type Transfer } from "./segment.ts";
import type { CdnFault, EngineEvent } from "./types.ts";

/** The transfer's head. A size other than the one believed so far is the CDN's to tell. */
export function onCdnOpened(core: Core, event: Extract<EngineEvent, { t: "cdn-opened" }>): void {
  const seg = core.transfers.get(event.fetch);
  const transfer = seg?.transfer;
  if (seg === undefined || transfer === undefined) return;
  transfer.openedAt = core.now;
  transfer.movedAt = core.now;
  transfer.lineBefore = core.line.total;
  if (transfer.next > 0 || endsSooner(seg, transfer)) {
    core.cdn.ranges = event.from < transfer.next * PEER_LIMITS.blockBytes || event.runsOn ? "ignored" : "sent";
    // All before the part would come, and nothing behind it. Whether all of it is to be bought is another decision.
    if (core.cdn.ranges === "ignored" && isPart(seg, transfer)) {
      abortTransfer(core, seg);
      return;
    }
  }
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

/** Was it bought early, to leave neighbours less to send, or does it end before the segment does? */
const isPart = (seg: Segment, transfer: Transfer): boolean => transfer.when === "early" || endsSooner(seg, transfer);

const endsSooner = ({ blocks }: Segment, { end }: Transfer): boolean => end !== undefined && end < blocks.length;

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
  noteArrival(core, size);
  core.ledger.cdn(size, transfer.reason);
  if (transfer.reason === "tooLate" && transfer.when === "due") seg.boughtLate += size;
  const before = seg.blocks[event.index];
  if (before?.s === "held") {
    core.ledger.wasted(size);
    return;
  }
  giveUpRange(core, seg, event.index, event.index + 1);
  holdFromCdn(core, seg, event.index, event.bytes);
  seg.own.set(event.index, event.fetch);
}

/** A block's digest, which may be late: what was thrown away since, or came anew, has nothing to do with it. */
export function onCdnDigest(core: Core, { fetch, segment, index, digest }: Extract<EngineEvent, { t: "cdn-digest" }>) {
  const seg = core.segments.get(segment);
  if (seg?.own.get(index) === fetch) vouch(core, seg, index, digest);
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
  }
  seg.cdnFailures++;
  core.cdn.failedAt = core.now;
  const pause = ownPause(core, seg, fault, isHelped(core, seg));
  if (!isApart(core) && pause > 0) {
    seg.cdnRetryAt = core.now + pause;
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
  const { openedAt, askedAt, bytes } = transfer;
  if (openedAt !== undefined) {
    const bodyMs = (bytes === 0 ? core.now : transfer.movedAt) - openedAt;
    measureCdn(core.cdn, {
      firstByteMs: openedAt - askedAt,
      bytes,
      bodyMs,
      lineBytes: lineBytes(core, transfer),
      now: core.now,
    });
    seg.sources.cdnMs += core.now - askedAt;
    seg.sources.firstByteMs = openedAt - askedAt;
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
