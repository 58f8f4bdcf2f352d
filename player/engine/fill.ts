import type { Digest, PeerId } from "../../tracker/protocol/index.ts";
import { noteDelivery } from "./caution.ts";
import type { Core } from "./core.ts";
import { wholeUntil } from "./in-hand.ts";
import { letGo } from "./links.ts";
import { type Block, isWhole, MISSING, type Segment, sizeOf, type Want, wholeBlocks } from "./segment.ts";
import { learnShortfall } from "./shortfall.ts";
import type { FillReport } from "./types.ts";
import { learnPatience } from "./vain.ts";

/** Blocks that came in within this time are told to neighbours together, in milliseconds. */
const ANNOUNCE_MS = 40;

type Copy = { readonly bytes: Uint8Array; readonly digest: Digest; readonly peer: PeerId };

/** Takes a neighbour's copy of a block if its digest is the expected one; else the copy is refused and its sender let go. */
export function hold(core: Core, seg: Segment, index: number, copy: Copy, expected: Digest): void {
  if (copy.digest !== expected) {
    seg.failedCheck = true;
    refuseCopy(core, seg, index);
    core.ledger.wasted(copy.bytes.byteLength);
    letGo(core, copy.peer, "failed-check");
    return;
  }
  const neighbour = core.neighbours.get(copy.peer);
  const path = neighbour?.path ?? "direct";
  const { byteLength } = copy.bytes;
  core.ledger.fromPeer(byteLength, copy.peer, neighbour);
  if (neighbour !== undefined) neighbour.received += byteLength;
  seg.sources[path === "direct" ? "peer" : "relay"] += byteLength;
  seg.sources.peers.set(copy.peer, (seg.sources.peers.get(copy.peer) ?? 0) + byteLength);
  keep(core, seg, index, copy.bytes);
}

/** Takes a block from the CDN: for this viewer its own origin's bytes are the truth. */
export function holdFromCdn(core: Core, seg: Segment, index: number, bytes: Uint8Array): void {
  seg.sources.cdn += bytes.byteLength;
  keep(core, seg, index, bytes);
}

function keep(core: Core, seg: Segment, index: number, bytes: Uint8Array): void {
  const before = seg.blocks[index];
  if (before?.s === "held") return;
  if (before?.s === "parked") core.storedBytes -= before.bytes.byteLength;
  seg.blocks[index] = { s: "held", bytes };
  seg.held++;
  core.storedBytes += bytes.byteLength;
  seg.untold.add(index);
  core.untold.add(seg);
  core.announceAt = Math.min(core.announceAt, core.now + ANNOUNCE_MS);
  for (const want of seg.wants) {
    core.out.push({ t: "progress", request: want.request, held: heldBytes(seg), bytes: sizeOf(seg) });
  }
}

const heldBytes = (seg: Segment): number => seg.sources.cdn + seg.sources.peer + seg.sources.relay;

/** Keeps a copy that cannot be checked yet. */
export function park(core: Core, seg: Segment, index: number, copy: Copy): void {
  seg.blocks[index] = { s: "parked", ...copy };
  core.storedBytes += copy.bytes.byteLength;
}

/** A copy is thrown away; the block is missing again. */
export function refuseCopy(core: Core, seg: Segment, index: number): void {
  const block = seg.blocks[index];
  if (block === undefined) return;
  forget(core, seg, block);
  seg.blocks[index] = MISSING;
  seg.untold.delete(index);
}

function forget(core: Core, seg: Segment, block: Block): void {
  if (block.s === "onDisk" && seg.disk !== "none") {
    seg.disk = "none";
    core.out.push({ t: "disk-remove", segment: seg.id });
  }
  if (block.s === "held") {
    seg.held--;
    core.storedBytes -= block.bytes.byteLength;
  } else if (block.s === "parked") {
    core.storedBytes -= block.bytes.byteLength;
    core.ledger.wasted(block.bytes.byteLength);
  }
}

/** Throws every block of a segment away, and what was known of those from the CDN. */
export function release(core: Core, seg: Segment): void {
  for (let i = 0; i < seg.blocks.length; i++) refuseCopy(core, seg, i);
  seg.own.clear();
  seg.unpublished.clear();
}

/** Are there neighbours' blocks beside blocks of the CDN that may yet turn out to be of another segment than theirs? */
const isJoinUnchecked = ({ own, blocks }: Segment): boolean =>
  own.size > 0 && own.size < blocks.length && [...own.values()].some((digest) => typeof digest !== "string");

/** Hands a whole segment to whoever waits for it. */
export function deliverIfWhole(core: Core, seg: Segment): void {
  if (!isWhole(seg) || isJoinUnchecked(seg)) return;
  seg.ahead = false;
  if (seg.wants.length > 0) {
    learnShortfall(core, seg, wholeUntil(core, seg));
    learnPatience(core, seg);
  }
  for (const want of seg.wants.splice(0)) {
    noteDelivery(core, seg, want);
    core.ledger.played(sizeOf(seg) ?? 0);
    core.sizes.set(seg.key.rendition, sizeOf(seg) ?? 0);
    core.out.push({ t: "deliver", request: want.request, blocks: wholeBlocks(seg), report: reportOf(core, seg, want) });
  }
}

function reportOf(core: Core, seg: Segment, want: Want): FillReport {
  const { sources, transfer } = seg;
  // The transfer that brought the last block is not over yet.
  const running = transfer?.openedAt !== undefined && transfer.bytes > 0 ? transfer : undefined;
  const firstByteMs = running?.openedAt === undefined ? sources.firstByteMs : running.openedAt - running.askedAt;
  const ms = sources.cdnMs + (running === undefined ? 0 : core.now - running.askedAt);
  return {
    key: seg.key,
    bytes: sizeOf(seg) ?? 0,
    cdnBytes: sources.cdn,
    peerBytes: sources.peer,
    relayBytes: sources.relay,
    peers: new Map(sources.peers),
    reason: sources.reason,
    tookMs: core.now - want.since,
    cdnTransfer: { bytes: sources.cdn, ms, firstByteMs },
  };
}
