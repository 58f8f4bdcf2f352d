import type { Digest, SegmentId } from "../../tracker/protocol/index.ts";
import { type Frame, type Standing, segmentId } from "../protocol/index.ts";
import type { Core, Follows } from "./core.ts";
import { agree, knownDigests } from "./digests.ts";
import type { Neighbour } from "./neighbour.ts";
import { type Segment, sizeOf } from "./segment.ts";

/**
 * A viewer whose tracker cannot be reached, or cannot ask the operator's others, says so to its neighbours, and tells them the digests that it
 * knows. They tell it theirs: it may be one of a few, while all others have their tracker. One neighbour's word is not enough, since it
 * may be the one that sends the blocks: two must say the same, and nobody else who spoke may differ.
 */

/** Neighbours that must agree. */
export const VOUCHERS = 2;
/** Segments of one neighbour whose digests are remembered. */
const MOST_VOUCHED = 256;

/** Does this viewer hear of digests from its neighbours alone? */
export const isCutOff = ({ tracker }: Core): boolean => tracker === "down" || tracker === "alone";

/** The tracker is there, or is not, or speaks for itself alone. Neighbours hear of it, and all that is known from who is cut off. */
export function setTracker(core: Core, state: "up" | "alone" | "down"): Follows {
  if (state === core.tracker) return "nothing";
  core.tracker = state;
  for (const n of core.neighbours.values()) sayStanding(core, n);
  for (const seg of core.open) settle(core, seg);
  return "all";
}

/** Says how this viewer stands, and all that it knows if it is cut off. */
export function sayStanding(core: Core, n: Neighbour): void {
  const cutOff = isCutOff(core);
  core.out.push({ t: "send", peer: n.id, frame: { t: "tracker", standing: cutOff ? "cut-off" : "reached" } });
  if (cutOff) tellKnown(core, n);
}

/** A neighbour says how it stands. If only now it is cut off, it hears all that this viewer knows; who is cut off itself has said it. */
export function onStanding(core: Core, n: Neighbour, standing: Standing): void {
  n.cutOff = standing === "cut-off";
  if (n.cutOff && !isCutOff(core)) tellKnown(core, n);
}

function tellKnown(core: Core, n: Neighbour): void {
  for (const seg of core.segments.values()) tell(core, seg, n);
}

/** Tells the digests of segments that became known since: to all by who is cut off, by others to those who are. */
export function vouchForKnown(core: Core): void {
  for (const seg of core.unvouched) {
    for (const n of core.neighbours.values()) if (n.cutOff || isCutOff(core)) tell(core, seg, n);
  }
  core.unvouched.clear();
}

function tell(core: Core, seg: Segment, n: Neighbour): void {
  const digests = knownDigests(seg);
  const bytes = sizeOf(seg);
  if (digests === undefined || bytes === undefined) return;
  core.out.push({ t: "send", peer: n.id, frame: { t: "vouch", key: seg.key, bytes, digests } });
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
