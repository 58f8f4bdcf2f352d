import type { Nearness, PeerId } from "../protocol/index.ts";
import { FEWEST_LINKS, type Room } from "./links.ts";
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
 * are never paired: nothing could flow between them. `farLinks(want)` of the places go to the farthest candidates left. Whoever
 * has links enough is chosen only where too few others give.
 */
export function selectNeighbours(input: {
  readonly candidates: Iterable<Member>;
  readonly self: Member;
  readonly want: number;
  readonly random: Random;
  /** Room of a candidate for `self`. All have plenty by default. */
  readonly roomOf?: (candidate: Member) => Room;
}): Choice[] {
  const { self, want, random, roomOf = () => "plenty" } = input;
  if (want <= 0) return [];
  const byId = new Map<PeerId, Choice>();
  for (const member of input.candidates) {
    if (member.id === self.id || !canExchange(self, member)) continue;
    byId.set(member.id, { member, near: nearness(self.locality, member.locality) });
  }
  const withRoom = (room: Room): Choice[] => [...byId.values()].filter(({ member }) => roomOf(member) === room);
  const eager = pick(withRoom("plenty"), want, random);
  const givers = eager.filter(gives);
  // Whom to take from matters more than to whom to give.
  const content = pick(withRoom("some").filter(gives), Math.min(want, FEWEST_LINKS) - givers.length, random);
  const takers = eager.filter((choice) => !gives(choice));
  return [...givers, ...content, ...takers].slice(0, want).sort(byDistance);
}

function pick(choices: readonly Choice[], want: number, random: Random): Choice[] {
  if (want <= 0) return [];
  const nearFirst = shuffled(choices, random).sort((a, b) => byUpload(a, b) || byDistance(a, b));
  const near = nearFirst.slice(0, want - farLinks(want));
  const farFirst = nearFirst.slice(near.length).sort((a, b) => byUpload(a, b) || byDistance(b, a));
  return [...near, ...farFirst.slice(0, want - near.length)];
}

const canExchange = (a: Member, b: Member): boolean => a.upload === "share" || b.upload === "share";
const byDistance = (a: Choice, b: Choice): number => distance(a.near) - distance(b.near);
const gives = ({ member }: Choice): boolean => member.upload === "share";
const byUpload = (a: Choice, b: Choice): number => rank(a) - rank(b);
const rank = (choice: Choice): number => (gives(choice) ? 0 : 1);
