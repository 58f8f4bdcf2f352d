import { NEARNESS, type Nearness, NODE_ID_LENGTH } from "../protocol/index.ts";
import { FEWEST_LINKS, type Room } from "./links.ts";
import { GIVING, type Giving, type Member } from "./member.ts";
import { distance, nearness } from "./nearness.ts";
import { type Random, takeOne } from "./random.ts";

/** A member that was chosen, and how near it is to the one it was chosen for. */
export type Choice = { readonly member: Member; readonly near: Nearness };

/** Of this many links one goes far, so that near groups stay joined into one mesh. */
export const LINKS_PER_FAR_LINK = 4;

/** How many of `want` neighbours are chosen for being far: about a quarter, at least one, but never the only one. */
export const farLinks = (want: number): number =>
  want < 2 ? 0 : Math.max(1, Math.min(want - 1, Math.floor(want / LINKS_PER_FAR_LINK)));

/**
 * Chooses up to `want` neighbours for `self`, nearest first. Sharers come before those who are only reached through TURN, these before
 * those who only take, and two who only take are never paired: nothing could flow between them. `farLinks(want)` of the places go
 * to the farthest candidates left. Whoever has links enough is chosen only where too few others share. Of candidates who are
 * equally near those on the same process come first, and for the far places those on others: a signal that crosses from process
 * to process costs many times as much, and a quarter of all links that do keep the mesh in one piece.
 */
export function selectNeighbours(input: {
  readonly candidates: Iterable<Member>;
  readonly self: Member;
  readonly want: number;
  readonly random: Random;
  /** Room of a candidate for `self`, asked of those alone whose turn it is. All have plenty by default. */
  readonly roomOf?: (candidate: Member) => Room;
  /** Processes that candidates may be on. `one`: nobody's needs to be looked at. */
  readonly processes?: "one" | "several";
}): Choice[] {
  const { self, want, random, roomOf = () => "plenty", processes = "several" } = input;
  const home = processes === "one" ? "" : self.id.slice(0, NODE_ID_LENGTH);
  if (want <= 0) return [];
  const content: Member[] = [];
  const eager = pick(ringsAround(self, home, input.candidates), want, random, (member) => {
    if (member.id === self.id) return false;
    const room = roomOf(member);
    if (room === "some" && shares(member)) content.push(member);
    return room === "plenty";
  });
  const sharers = eager.filter(({ member }) => shares(member));
  // Whom to take from matters more than to whom to give. Where sharers are too few, every one has been asked for its room.
  const wanted = Math.min(want, FEWEST_LINKS) - sharers.length;
  if (wanted <= 0 || content.length === 0) return inOrder(eager);
  const eased = pick(ringsAround(self, home, content), wanted, random, () => true);
  const others = eager.filter(({ member }) => !shares(member));
  return inOrder([...sharers, ...eased, ...others].slice(0, want));
}

/**
 * Candidates by who is asked first: sharers from near to far, then those reached through TURN, then those who only take; and of each
 * those on the process of `self` apart from those on others.
 */
type Rings = readonly (Member[] | undefined)[];
const RINGS_A_RANK = 2 * NEARNESS.length;
const OUTWARDS = Array.from({ length: RINGS_A_RANK }, (_, ring) => ring);
const NEAR_FIRST = GIVING.flatMap((_, rank) => OUTWARDS.map((ring) => rank * RINGS_A_RANK + ring));
const FAR_FIRST = GIVING.flatMap((_, rank) => OUTWARDS.map((ring) => (rank + 1) * RINGS_A_RANK - 1 - ring));

/** `home`: what ids of the process of `self` begin with. Dozens of candidates are scattered in memory: as little as will do is looked at. */
function ringsAround(self: Member, home: string, candidates: Iterable<Member>): Rings {
  const rings: Member[][] = [];
  for (const member of candidates) {
    if (!canExchange(self, member)) continue;
    const far = distance(nearness(self.locality, member.locality));
    const ring = RANKS[member.giving] * RINGS_A_RANK + 2 * far + (home === "" || member.id.startsWith(home) ? 0 : 1);
    const known = rings[ring];
    if (known) known.push(member);
    else rings[ring] = [member];
  }
  return rings;
}

/** How near those in a ring are. */
const nearIn = (ring: number): Nearness => NEARNESS[Math.floor((ring % RINGS_A_RANK) / 2)] ?? "far";

const RANKS = Object.fromEntries(GIVING.map((giving, rank) => [giving, rank])) as Record<Giving, number>;

type WillDo = (member: Member) => boolean;

/** Up to `want` members that will do: for the near places first, then for the far ones. */
function pick(rings: Rings, want: number, random: Random, willDo: WillDo): Choice[] {
  const picked: Choice[] = [];
  fill(picked, want - farLinks(want), rings, NEAR_FIRST, random, willDo);
  fill(picked, want, rings, FAR_FIRST, random, willDo);
  return picked;
}

/** Draws from ring after ring until all places are taken. */
function fill(
  picked: Choice[],
  places: number,
  rings: Rings,
  order: readonly number[],
  random: Random,
  willDo: WillDo,
): void {
  for (const ring of order) {
    const members = rings[ring];
    if (!members) continue;
    while (members.length > 0 && picked.length < places) {
      const member = takeOne(members, random);
      if (member && !isAmong(picked, member) && willDo(member)) picked.push({ member, near: nearIn(ring) });
    }
  }
}

/** A store may have drawn somebody twice. */
const isAmong = (picked: readonly Choice[], member: Member): boolean =>
  picked.some((one) => one.member.id === member.id);
const canExchange = (a: Member, b: Member): boolean => a.giving !== "receive" || b.giving !== "receive";
const shares = (member: Member): boolean => member.giving === "share";
/** Nearest first, which those who were just picked mostly are. */
const inOrder = (choices: Choice[]): Choice[] =>
  choices.some((one, at) => nearestFirst(choices[at - 1] ?? one, one) > 0) ? choices.sort(nearestFirst) : choices;
const nearestFirst = (a: Choice, b: Choice): number => distance(a.near) - distance(b.near);
