import type { Nearness, PeerId } from "../protocol/index.ts";
import type { Member } from "./member.ts";
import { distance, nearness } from "./nearness.ts";
import { type Random, shuffled } from "./random.ts";

/** A member that was chosen, and how near it is to the one it was chosen for. */
export type Choice = { readonly member: Member; readonly near: Nearness };

/** Of this many links one goes far, so that near groups stay joined into one mesh. */
export const LINKS_PER_FAR_LINK = 4;

/** How many of `want` neighbours are chosen for being far: about a quarter, at least one, but never the only one. */
export const farLinks = (want: number): number =>
  want < 2 ? 0 : Math.max(1, Math.min(want - 1, Math.floor(want / LINKS_PER_FAR_LINK)));

/**
 * Chooses up to `want` neighbours for `self`, nearest first. Sharers come before those who only take, and two who only take
 * are never paired: nothing could flow between them. `farLinks(want)` of the places go to the farthest candidates left.
 */
export function selectNeighbours(input: {
  readonly candidates: Iterable<Member>;
  readonly self: Member;
  readonly want: number;
  readonly random: Random;
}): Choice[] {
  const { self, want, random } = input;
  if (want <= 0) return [];
  const byId = new Map<PeerId, Choice>();
  for (const member of input.candidates) {
    if (member.id === self.id || !canExchange(self, member)) continue;
    byId.set(member.id, { member, near: nearness(self.locality, member.locality) });
  }
  const nearFirst = shuffled([...byId.values()], random).sort((a, b) => byUpload(a, b) || byDistance(a, b));
  const near = nearFirst.slice(0, want - farLinks(want));
  const farFirst = nearFirst.slice(near.length).sort((a, b) => byUpload(a, b) || byDistance(b, a));
  return [...near, ...farFirst.slice(0, want - near.length)].sort(byDistance);
}

const canExchange = (a: Member, b: Member): boolean => a.upload === "share" || b.upload === "share";
const byDistance = (a: Choice, b: Choice): number => distance(a.near) - distance(b.near);
const byUpload = (a: Choice, b: Choice): number => rank(a) - rank(b);
const rank = (choice: Choice): number => (choice.member.upload === "share" ? 0 : 1);
