import { identityOf, type PeerId } from "../protocol/index.ts";
import type { SmallMap } from "./small-map.ts";
import type { BucketLimit } from "./token-bucket.ts";

/** Strangers that one viewer may be introduced to at its own request: 64 at once, then 64 in ten minutes. */
export const INTRODUCTION_LIMIT: BucketLimit = { rate: 64 / 600, burst: 64 };
/**
 * Strangers outside their own network that all viewers behind one address may be introduced to. It bounds what one machine
 * learns by joining again and again; neighbours behind the same address cost nothing, so a big office is not starved.
 */
export const ADDRESS_INTRODUCTION_LIMIT: BucketLimit = { rate: 2048 / 600, burst: 2048 };
/** Introductions that one viewer keeps; beyond them the oldest is forgotten. */
export const INTRODUCTIONS_KEPT = 512;
/** Two viewers who know each other are not introduced again within this time, in milliseconds. */
export const REINTRODUCE_MS = 30_000;

/** Whom one viewer was introduced to, and when (milliseconds), or `LEFT`; oldest first. */
export type Introductions = SmallMap<PeerId, number>;

/** Stands for the time of an introduction whose other side has gone. A small whole number costs no memory of its own. */
const LEFT = -1;

/** Notes an introduction, or its renewal. */
export function introduce(known: Introductions, peer: PeerId, now: number): void {
  known.delete(peer);
  known.set(peer, now);
  if (known.size <= INTRODUCTIONS_KEPT) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}

/** May `peer` be named to this viewer: a stranger, an acquaintance from a while ago, or somebody just named. */
export function acquaintance(known: Introductions, peer: PeerId, now: number): "stranger" | "known" | "recent" {
  const at = known.get(peer);
  if (at === undefined || at === LEFT) return "stranger";
  return now - at < REINTRODUCE_MS ? "recent" : "known";
}

/**
 * Notes that somebody has gone: a stranger from now on when neighbours are chosen, but still the one that it was if it comes back.
 * False when nothing changes.
 */
export function part(known: Introductions, peer: PeerId): boolean {
  const at = known.get(peer);
  if (at === undefined || at === LEFT) return false;
  known.set(peer, LEFT);
  return true;
}

/** What a viewer knows somebody by: the same id, or the one that it had on another tracker process. */
export function knownAs(known: Introductions, peer: PeerId): PeerId | undefined {
  if (known.has(peer)) return peer;
  const identity = identityOf(peer);
  return [...known.keys()].filter((id) => identityOf(id) === identity).at(-1);
}
