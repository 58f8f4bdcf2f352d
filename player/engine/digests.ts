import type { Digest, SegmentId } from "../../tracker/protocol/index.ts";
import { LIMITS } from "../../tracker/protocol/index.ts";
import { anyNeighbour, type Core, isServed } from "./core.ts";
import { hold, refuseCopy, release } from "./fill.ts";
import { digestOf, isWhole, layOut, type Segment, sizeOf } from "./segment.ts";
import type { EngineEvent, Millis } from "./types.ts";

/** Time between two questions about the same segment, in milliseconds: at first, growing by half, at most. */
const ASK_AGAIN_MS = 300;
const ASK_AGAIN_MOST_MS = 2500;
/** Digests of blocks that came in within this time are told together. */
const PUBLISH_MS = 100;

/** Could a neighbour's copy of this segment be checked, now or soon? */
export const canBeChecked = (core: Core, seg: Segment): boolean =>
  seg.digests.verdict !== "conflict" &&
  (isServed(core) || isComplete(seg) || (core.tracker === "down" && core.neighbours.size > 1));

const isComplete = (seg: Segment): boolean =>
  seg.blocks.length > 0 && seg.digests.list.length === seg.blocks.length && !seg.digests.list.includes(null);

/** Asks the tracker for the digests of segments that neighbours offer. Returns when to look again. */
export function askDigests(core: Core): Millis {
  if (!isServed(core)) return Number.POSITIVE_INFINITY;
  let next = Number.POSITIVE_INFINITY;
  const due: SegmentId[] = [];
  for (const seg of core.open) {
    if (isWhole(seg) || seg.digests.verdict === "conflict" || isComplete(seg)) continue;
    if (seg.transfer === undefined && !isOffered(core, seg)) continue;
    if (seg.transfer !== undefined && seg.blocks.every((b) => b.s !== "parked")) continue;
    if (seg.digests.askAt > core.now || due.length >= LIMITS.askedSegments) {
      next = Math.min(next, Math.max(seg.digests.askAt, core.now + 1));
      continue;
    }
    seg.digests.askGap = Math.min(ASK_AGAIN_MOST_MS, Math.max(ASK_AGAIN_MS, seg.digests.askGap * 1.5));
    seg.digests.askAt = core.now + seg.digests.askGap;
    next = Math.min(next, seg.digests.askAt);
    due.push(seg.id);
  }
  if (due.length > 0) core.out.push({ t: "ask-digests", segments: due });
  return next;
}

const isOffered = (core: Core, seg: Segment): boolean => anyNeighbour(core, (n) => n.holdings.has(seg.id));

/** The tracker's word on a segment. */
export function onDigests(core: Core, event: Extract<EngineEvent, { t: "digests" }>): void {
  const seg = core.segments.get(event.segment);
  if (seg === undefined || seg.digests.verdict === "conflict") return;
  if (event.verdict === "unknown") return;
  if (event.verdict === "conflict" || contradictsOwnCopy(seg, event.bytes, event.digests)) {
    distrust(core, seg);
    return;
  }
  const progress = event.digests.some((digest, i) => digest !== null && (seg.digests.list[i] ?? null) === null);
  if (progress) seg.digests.askGap = 0;
  agree(core, seg, event.bytes, event.digests);
}

/** From now on these are a segment's digests. */
export function agree(core: Core, seg: Segment, bytes: number, digests: readonly (Digest | null)[]): void {
  if (sizeOf(seg) !== bytes) {
    if (seg.size.from === "cdn") {
      distrust(core, seg);
      return;
    }
    release(core, seg);
    layOut(seg, bytes, "digests");
  }
  seg.digests.verdict = "agreed";
  seg.digests.list = [...digests];
  if (isComplete(seg)) core.unvouched.add(seg);
  checkParked(core, seg);
}

/** The digests of all blocks, by this viewer's own copy from the CDN or as agreed; undefined while one is not known. */
export function knownDigests(seg: Segment): Digest[] | undefined {
  const known: Digest[] = [];
  for (let i = 0; i < seg.blocks.length; i++) {
    const digest = ownDigest(seg, i) ?? digestOf(seg, i);
    if (digest === undefined) return undefined;
    known.push(digest);
  }
  return known.length > 0 && seg.size.from !== "nobody" ? known : undefined;
}

function ownDigest(seg: Segment, index: number): Digest | undefined {
  const own = seg.own.get(index);
  return typeof own === "string" ? own : undefined;
}

/** This viewer's own bytes from the CDN are other than what the tracker was told. */
function contradictsOwnCopy(seg: Segment, bytes: number, digests: readonly (Digest | null)[]): boolean {
  if (seg.own.size > 0 && sizeOf(seg) !== bytes) return true;
  for (const index of seg.own.keys()) {
    const own = ownDigest(seg, index);
    const told = digests[index] ?? null;
    if (own !== undefined && told !== null && told !== own) return true;
  }
  return false;
}

/** Nobody's copy can be relied on: what came from neighbours is thrown away, and the CDN fills the segment. */
function distrust(core: Core, seg: Segment): void {
  seg.digests.verdict = "conflict";
  seg.digests.list = [];
  seg.failedCheck = true;
  for (let i = 0; i < seg.blocks.length; i++) if (!seg.own.has(i)) refuseCopy(core, seg, i);
}

function checkParked(core: Core, seg: Segment): void {
  for (let i = 0; i < seg.blocks.length; i++) {
    const block = seg.blocks[i];
    const expected = seg.digests.list[i] ?? null;
    if (block?.s === "parked" && expected !== null) hold(core, seg, i, block, expected);
  }
}

/**
 * Remembers the digest of a block from the CDN; it is told to the tracker once somebody can profit. Where it is not the agreed
 * one the segment has changed, or was lied about: what came from neighbours must not be joined to it.
 */
export function vouch(core: Core, seg: Segment, index: number, digest: Digest): void {
  const agreed = digestOf(seg, index);
  seg.own.set(index, digest);
  if (agreed === digest) return;
  if (agreed !== undefined) distrust(core, seg);
  seg.unpublished.add(index);
  core.unpublished.add(seg);
  core.unvouched.add(seg);
  core.publishAt = Math.min(core.publishAt, core.now + PUBLISH_MS);
}

/** Tells the tracker the digests of what came from the CDN, in runs of blocks. */
export function publish(core: Core): void {
  if (core.publishAt > core.now || !isServed(core) || core.neighbours.size === 0) return;
  core.publishAt = Number.POSITIVE_INFINITY;
  for (const seg of core.unpublished) {
    const bytes = sizeOf(seg);
    if (bytes === undefined) continue;
    core.unpublished.delete(seg);
    const indexes = [...seg.unpublished].sort((a, b) => a - b);
    seg.unpublished.clear();
    for (let i = 0; i < indexes.length; ) {
      const from = indexes[i] ?? 0;
      const digests: Digest[] = [];
      for (; i < indexes.length && indexes[i] === from + digests.length; i++) {
        const digest = ownDigest(seg, indexes[i] ?? -1);
        if (digest !== undefined) digests.push(digest);
      }
      core.out.push({ t: "publish-digests", segment: seg.id, bytes, from, digests });
    }
  }
}
