import { identityOf, type PeerId } from "../../tracker/protocol/index.ts";
import type { Sample } from "../protocol/index.ts";
import { type Cell, type Counter, count } from "./cell.ts";
import { lotOf } from "./lot.ts";

/**
 * What downloaders say they got from a peer is held against what that peer says it gave, without keeping a row for each pair: every
 * pair (giver, taker) draws one of `PAIR_SLOTS` slots by lot, a taker's claim adds to the slot and a giver's word takes away. Where
 * both tell the same, nothing remains, in whatever order and bucket their samples come. What remains in all slots together,
 * regardless of sign, is a lower bound of the bytes in dispute: lies can only hide behind opposite lies in the same slot.
 */
export const PAIR_SLOTS = 16;

const SLOTS = Array.from({ length: PAIR_SLOTS }, (_, slot) => `pair.${slot}` as const);

/** By what stays the same of their ids when they come back to the tracker: the one may know the other by the id before. */
const slotOf = (giver: PeerId, taker: PeerId): Counter =>
  SLOTS[lotOf(identityOf(giver) + identityOf(taker), PAIR_SLOTS)] ?? "pair.0";

/** What a sample says of its links. Without its own id nobody could be asked about it, and it says nothing. */
export const addPairs = (
  counts: { readonly add: (counter: Counter, value: number) => void },
  { peer, links }: Sample,
): void => {
  if (peer === undefined) return;
  for (const { peer: other, received, sent } of links) {
    counts.add("claimed", received);
    counts.add(slotOf(other, peer), received);
    counts.add("given", sent);
    counts.add(slotOf(peer, other), -sent);
  }
};

/** Bytes that the two sides of links tell differently, at least. Bytes under way at an end of the range are among them. */
export const disputedBytes = (cell: Cell): number => {
  let disputed = 0;
  for (let slot = 0; slot < PAIR_SLOTS; slot += 1) disputed += Math.abs(count(cell, `pair.${slot}`));
  return disputed;
};
