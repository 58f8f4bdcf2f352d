import { NEARNESS, type Nearness, type PeerId } from "../protocol/index.ts";
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
  const byRoom: Record<Room, Choice[]> = { plenty: [], some: [], none: [] };
  for (const member of unique(input.candidates)) {
    if (member.id === self.id || !canExchange(self, member)) continue;
    byRoom[roomOf(member)].push({ member, near: nearness(self.locality, member.locality) });
  }
  const eager = pick(byRoom.plenty, want, random);
  const givers = eager.filter(gives);
  // Whom to take from matters more than to whom to give.
  const content = pick(byRoom.some.filter(gives), Math.min(want, FEWEST_LINKS) - givers.length, random);
  const takers = eager.filter((choice) => !gives(choice));
  return ordered([...givers, ...content, ...takers].slice(0, want), nearest);
}

function unique(members: Iterable<Member>): Iterable<Member> {
  const byId = new Map<PeerId, Member>();
  for (const member of members) byId.set(member.id, member);
  return byId.values();
}

function pick(choices: readonly Choice[], want: number, random: Random): Choice[] {
  if (want <= 0) return [];
  const nearFirst = ordered(shuffled(choices, random), (choice) => byUpload(choice) + nearest(choice));
  const near = nearFirst.slice(0, want - farLinks(want));
  const farFirst = ordered(nearFirst.slice(near.length), (choice) => byUpload(choice) + farthest(choice));
  return [...near, ...farFirst.slice(0, want - near.length)];
}

/** In rising order of a small whole number, equals as they came: a walk over all of them, where sorting would compare pairs. */
function ordered(choices: readonly Choice[], numberOf: (choice: Choice) => number): Choice[] {
  const groups: Choice[][] = [];
  for (const choice of choices) {
    const place = numberOf(choice);
    const group = groups[place];
    if (group === undefined) groups[place] = [choice];
    else group.push(choice);
  }
  // Leaves the gaps out.
  return groups.flat();
}

const canExchange = (a: Member, b: Member): boolean => a.upload === "share" || b.upload === "share";
const gives = ({ member }: Choice): boolean => member.upload === "share";
const nearest = ({ near }: Choice): number => distance(near);
const farthest = ({ near }: Choice): number => NEARNESS.length - 1 - distance(near);
/** Sharers first, whatever the distance. */
const byUpload = (choice: Choice): number => (gives(choice) ? 0 : NEARNESS.length);
