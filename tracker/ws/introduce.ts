import type { Nearness, Neighbour, PeerId } from "../protocol/index.ts";
import { type NewNeighbour, nodeOf } from "../store/index.ts";
import {
  acquaintance,
  type Choice,
  INTRODUCTION_LIMIT,
  type Member,
  MOST_LINKS,
  type Room,
  removeLink,
  roomFor,
  selectNeighbours,
  takeTokens,
} from "../swarm/index.ts";
import { asTold, meet } from "./acquaint.ts";
import type { Context } from "./context.ts";
import { type Delivery, sendMail } from "./mail.ts";
import type { Viewer } from "./viewer.ts";

export type Introduced = {
  /** Nearest first. Each of them was told about the viewer already. */
  readonly neighbours: readonly Neighbour[];
  /** `limited`: there were more, and the viewer or its address has had its share for now. */
  readonly outcome: "complete" | "limited";
};

/**
 * Introduces a viewer to up to `want` of the candidates: strangers first, then those it met a while ago. Both sides learn of
 * each other, the other one first, so that it knows the caller before the call comes.
 */
export async function introduceTo(
  context: Context,
  viewer: Viewer,
  candidates: readonly Member[],
  want: number,
): Promise<Introduced> {
  if (viewer.policy.mode === "off") return { neighbours: [], outcome: "complete" };
  const first = await introduceSome(context, viewer, within(context, candidates), want);
  if (first.gone.length === 0) return first;
  // Some have just turned out to be gone, perhaps with their whole process: others take their places.
  const left = within(context, candidates).filter(({ id }) => !first.gone.includes(id));
  const second = await introduceSome(context, viewer, left, want - first.neighbours.length);
  return { neighbours: [...first.neighbours, ...second.neighbours], outcome: second.outcome };
}

/** Candidates whose process is there, as far as is known. */
const within = ({ absent }: Context, candidates: readonly Member[]): readonly Member[] =>
  absent.none() ? candidates : candidates.filter(({ id }) => !absent.has(nodeOf(id)));

async function introduceSome(
  context: Context,
  viewer: Viewer,
  candidates: readonly Member[],
  want: number,
): Promise<Introduced & { readonly gone: readonly PeerId[] }> {
  const now = context.clock();
  const places = Math.min(want, MOST_LINKS - viewer.links.all);
  const strangers = select(context, viewer, whoAre("stranger", viewer, candidates, now), places);
  const allowed = withinBudget(context, viewer, strangers, now);
  const left = places - strangers.length;
  const known = left > 0 ? select(context, viewer, whoAre("known", viewer, candidates, now), left) : [];

  const chosen = known.length === 0 ? allowed : [...allowed, ...known];
  const self = asSeenBy(viewer.member);
  const deliveries = chosen.map(({ member, near }) => tell(context, viewer, member, self(near), now));
  const told = deliveries.every((one) => typeof one === "string") ? deliveries : await Promise.all(deliveries);
  const neighbours: Neighbour[] = [];
  const gone: PeerId[] = [];
  for (const [index, { member, near }] of chosen.entries()) {
    if (told[index] === "delivered") {
      context.metrics.introduced(near);
      neighbours.push(asTold({ id: member.id, near, giving: member.giving }));
    } else {
      gone.push(member.id);
      viewer.introductions.delete(member.id);
      removeLink(viewer.links, member.giving);
    }
  }
  return { neighbours, gone, outcome: allowed.length < strangers.length ? "limited" : "complete" };
}

/** Those of the candidates whom the viewer has never met, or met a while ago. To a newcomer all are strangers. */
function whoAre(
  of: "stranger" | "known",
  { introductions }: Viewer,
  candidates: readonly Member[],
  now: number,
): readonly Member[] {
  if (introductions.size === 0) return of === "stranger" ? candidates : [];
  return candidates.filter(({ id }) => acquaintance(introductions, id, now) === of);
}

const select = (context: Context, viewer: Viewer, candidates: readonly Member[], want: number): Choice[] =>
  selectNeighbours({
    candidates,
    self: viewer.member,
    want,
    random: context.random,
    processes: context.store.kind === "own" ? "one" : "several",
    roomOf: (candidate) => roomBetween(context, viewer, candidate),
  });

/**
 * Room on both sides for one link more. Of a viewer of another process nothing is known here: it has plenty, until its own process
 * says otherwise.
 */
function roomBetween({ registry }: Context, viewer: Viewer, candidate: Member): Room {
  if (roomFor(viewer.links, candidate.giving) === "none") return "none";
  const other = registry.find(candidate.id)?.viewer();
  return other ? roomFor(other.links, viewer.member.giving) : "plenty";
}

/** What others hear of a member. Those who are equally near, who come one after the other, hear the very same. */
function asSeenBy({ id, giving }: Member): (near: Nearness) => NewNeighbour {
  let latest: NewNeighbour | undefined;
  return (near) => {
    if (latest?.near !== near) latest = { id, near, giving };
    return latest;
  };
}

/** Makes one pair known to each other. What is noted here first is taken back when the other has left, or cannot be told. */
function tell(
  context: Context,
  viewer: Viewer,
  other: Member,
  self: NewNeighbour,
  now: number,
): Delivery | Promise<Delivery> {
  // The other's answer may be quicker than the store's.
  meet(viewer, other, now);
  return sendMail(context, viewer, { kind: "introduced", to: other.id, neighbour: self });
}

/** Strangers, nearest first, that the viewer may still be told of. Those behind its own address cost the address nothing. */
function withinBudget(context: Context, viewer: Viewer, strangers: readonly Choice[], now: number): readonly Choice[] {
  const own = takeTokens(viewer.budget, INTRODUCTION_LIMIT, now, strangers.length);
  let inside = 0;
  while (inside < own && strangers[inside]?.near === "lan") inside += 1;
  const granted = context.addresses.takeIntroductions(viewer.member.locality.address, own - inside);
  return inside + granted === strangers.length ? strangers : strangers.slice(0, inside + granted);
}
