import type { Digest, SegmentId } from "../../tracker/protocol/index.ts";
import { type Frame, segmentId } from "../protocol/index.ts";
import { type Core, isApart } from "./core.ts";
import { agree, knownDigests } from "./digests.ts";
import type { Neighbour } from "./neighbour.ts";
import { type Segment, sizeOf } from "./segment.ts";

/**
 * A viewer whose tracker cannot be reached, or cannot ask the operator's others, tells its neighbours the digests that it knows. They
 * see from it that it is cut off, and tell it theirs: it may be one of a few, while all others have their tracker. One neighbour's word is not
 * enough, since it may be the one that sends the blocks: two must say the same, and nobody else who spoke may differ.
 */

/** Neighbours that must agree. */
export const VOUCHERS = 2;
/** Segments of one neighbour whose digests are remembered. */
const MOST_VOUCHED = 256;
/** Who has not vouched for anything for so long has its tracker again, in milliseconds. */
const CUT_OFF_MS = 60_000;

/** Does this viewer hear of digests from its neighbours alone? */
export const isCutOff = ({ tracker }: Core): boolean => tracker === "down" || tracker === "alone";

/** Is this neighbour cut off? */
export const isCutOffToo = (core: Core, n: Neighbour): boolean => core.now - n.vouchedAt < CUT_OFF_MS;

/** This viewer is cut off from now on: whatever is known is told to all. */
export function beginVouching(core: Core): void {
  for (const seg of core.segments.values()) core.unvouched.add(seg);
  for (const seg of core.open) settle(core, seg);
}

/** Tells the digests of segments that became known since: to all by who is cut off, by others to those who are. */
export function vouchForKnown(core: Core): void {
  if (core.unvouched.size === 0 || isApart(core)) return;
  const all = [...core.neighbours.values()];
  const listeners = isCutOff(core) ? all : all.filter((n) => isCutOffToo(core, n));
  for (const seg of core.unvouched) tell(core, seg, listeners);
  core.unvouched.clear();
}

function tell(core: Core, seg: Segment, listeners: readonly Neighbour[]): void {
  if (listeners.length === 0 || isApart(core)) return;
  const digests = knownDigests(seg);
  const bytes = sizeOf(seg);
  if (digests === undefined || bytes === undefined) return;
  for (const n of listeners) {
    core.out.push({ t: "send", peer: n.id, frame: { t: "vouch", key: seg.key, bytes, digests } });
  }
}

/** A neighbour vouches for a segment. */
export function onVouch(core: Core, n: Neighbour, frame: Extract<Frame, { t: "vouch" }>): void {
  const id = segmentId(frame.key);
  // Who is cut off itself has told it everything already.
  if (!isCutOffToo(core, n) && !isCutOff(core)) for (const seg of core.segments.values()) tell(core, seg, [n]);
  n.vouchedAt = core.now;
  n.vouched.delete(id);
  n.vouched.set(id, { bytes: frame.bytes, digests: frame.digests });
  for (const oldest of n.vouched.keys()) {
    if (n.vouched.size <= MOST_VOUCHED) break;
    n.vouched.delete(oldest);
  }
  const seg = core.segments.get(id);
  if (seg !== undefined) settle(core, seg);
}

/** Takes digests on which enough neighbours agree, for a segment whose digests are not known. */
export function settle(core: Core, seg: Segment): void {
  if (!isCutOff(core) || knownDigests(seg) !== undefined) return;
  const claims = claimsOf(core, seg.id);
  const [first] = claims;
  if (first === undefined || claims.length < VOUCHERS || !claims.every((claim) => isSame(claim, first))) return;
  agree(core, seg, first.bytes, first.digests);
}

type Claim = { readonly bytes: number; readonly digests: readonly Digest[] };

function claimsOf(core: Core, id: SegmentId): Claim[] {
  return [...core.neighbours.values()].flatMap((n) => n.vouched.get(id) ?? []);
}

const isSame = (a: Claim, b: Claim): boolean =>
  a.bytes === b.bytes && a.digests.every((digest, i) => digest === b.digests[i]);
