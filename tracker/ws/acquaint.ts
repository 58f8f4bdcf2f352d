import type { Neighbour, PeerId } from "../protocol/index.ts";
import type { NewNeighbour } from "../store/index.ts";
import {
  acquaintance,
  addLink,
  type Giving,
  INTRODUCTION_LIMIT,
  introduce,
  knownAs,
  takeTokens,
  uploadOf,
} from "../swarm/index.ts";
import type { Viewer } from "./viewer.ts";

/** Notes at one side of an introduction who the other is. Of two who knew each other already the link is counted already. */
export function meet(viewer: Viewer, other: { readonly id: PeerId; readonly giving: Giving }, now: number): void {
  if (acquaintance(viewer.introductions, other.id, now) === "stranger") addLink(viewer.links, other.giving);
  introduce(viewer.introductions, other.id, now);
}

/** Does a viewer know the sender of a signal. One that has come back, perhaps to another process, is known by its new id from here on. */
export function recognises(viewer: Viewer, sender: PeerId, now: number): boolean {
  const { introductions } = viewer;
  if (acquaintance(introductions, sender, now) !== "stranger") return true;
  const known = knownAs(introductions, sender);
  if (known === undefined) return false;
  if (acquaintance(introductions, known, now) === "stranger") meet(viewer, givesPerhaps(sender), now);
  else introduce(introductions, sender, now);
  if (known !== sender) introductions.delete(known);
  return true;
}

/**
 * To whom a viewer's signal goes that names nobody whom it knows by this id: to one that has moved, by its new id; or, from a viewer that
 * has come back, to whom it names. Its introductions ended with its socket, so that the other side, whose did not, decides.
 */
export function presentAddress(viewer: Viewer, peer: PeerId, now: number): PeerId | undefined {
  const known = knownAs(viewer.introductions, peer);
  if (known !== undefined) return known;
  return viewer.resumed && takeTokens(viewer.budget, INTRODUCTION_LIMIT, now, 1) === 1 ? peer : undefined;
}

/** Somebody new as viewers are told of it. */
export const asTold = ({ id, near, giving }: NewNeighbour): Neighbour => ({ id, near, upload: uploadOf(giving) });

/** What somebody of whom only the id is known does: to give is the usual case. */
export const givesPerhaps = (id: PeerId) => ({ id, giving: "share" }) as const;
