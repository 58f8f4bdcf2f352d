import type { Digest, SegmentId } from "../../tracker/protocol/index.ts";
import { type Frame, segmentId } from "../protocol/index.ts";
import { type Core, shares } from "./core.ts";
import { agree, knownDigests } from "./digests.ts";
import type { Neighbour } from "./neighbour.ts";
import { type Segment, sizeOf } from "./segment.ts";

/**
 * While the tracker cannot be reached neighbours tell each other the digests that they know. One neighbour's word is not enough,
 * since it may be the one that sends the blocks: two must say the same, and nobody else who spoke may differ.
 */

/** Neighbours that must agree. */
export const VOUCHERS = 2;
/** Segments of one neighbour whose digests are remembered. */
const MOST_VOUCHED = 256;

/** The tracker is lost: whatever is known is told to all. */
export function beginVouching(core: Core): void {
  for (const seg of core.segments.values()) if (knownDigests(seg) !== undefined) core.unvouched.add(seg);
  for (const seg of core.open) settle(core, seg);
}

/** Tells neighbours the digests of segments that became known since. */
export function vouchForKnown(core: Core): void {
  if (core.tracker !== "down" || !shares(core)) return;
  for (const seg of core.unvouched) {
    core.unvouched.delete(seg);
    const digests = knownDigests(seg);
    const bytes = sizeOf(seg);
    if (digests === undefined || bytes === undefined) continue;
    for (const n of core.neighbours.values()) {
      core.out.push({ t: "send", peer: n.id, frame: { t: "vouch", key: seg.key, bytes, digests } });
    }
  }
}

/** A neighbour vouches for a segment. */
export function onVouch(core: Core, n: Neighbour, frame: Extract<Frame, { t: "vouch" }>): void {
  const id = segmentId(frame.key);
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
  if (core.tracker !== "down" || knownDigests(seg) !== undefined) return;
  const claims = claimsOf(core, seg.id);
  const [first] = claims;
  if (first === undefined || claims.length < VOUCHERS || !claims.every((claim) => isSame(claim, first))) return;
  agree(core, seg, first.bytes, first.digests);
  core.unvouched.add(seg);
}

type Claim = { readonly bytes: number; readonly digests: readonly Digest[] };

function claimsOf(core: Core, id: SegmentId): Claim[] {
  return [...core.neighbours.values()].flatMap((n) => n.vouched.get(id) ?? []);
}

const isSame = (a: Claim, b: Claim): boolean =>
  a.bytes === b.bytes && a.digests.every((digest, i) => digest === b.digests[i]);
