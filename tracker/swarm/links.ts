import type { Giving } from "./member.ts";

/** Links that a viewer is known to have been given, and how many of them are asymmetric: to viewers who do not simply share. */
export type Links = { all: number; asymmetric: number };

/** With so many a viewer is content; others who come are rather introduced to those with fewer. */
export const CONTENT_LINKS = 12;
/** Nobody is given more than this. */
export const MOST_LINKS = 24;
/** Of these, so many may be asymmetric: the others keep a sharer in touch with whom it can take from, and for nothing. */
export const MOST_ASYMMETRIC = MOST_LINKS / 2;
/** A newcomer gets so many even where everybody is content, so that the mesh grows and does not become a chain. */
export const FEWEST_LINKS = 4;

export const noLinks = (): Links => ({ all: 0, asymmetric: 0 });

/** `plenty`: welcome; `some`: if need be; `none`: not one more. */
export type Room = "plenty" | "some" | "none";

/** Room of a viewer for one more neighbour, of this kind. */
export function roomFor(links: Links, other: Giving): Room {
  if (links.all >= MOST_LINKS || (isAsymmetric(other) && links.asymmetric >= MOST_ASYMMETRIC)) return "none";
  return links.all < CONTENT_LINKS ? "plenty" : "some";
}

export function addLink(links: Links, other: Giving): void {
  links.all += 1;
  if (isAsymmetric(other)) links.asymmetric += 1;
}

/** A neighbour has left, or the introduction came to nothing. */
export function removeLink(links: Links, other: Giving): void {
  links.all = Math.max(0, links.all - 1);
  links.asymmetric = Math.max(0, Math.min(links.all, isAsymmetric(other) ? links.asymmetric - 1 : links.asymmetric));
}

/** A neighbour that is counted already gives in another way than it did. */
export function changeLink(links: Links, before: Giving, after: Giving): void {
  const change = Number(isAsymmetric(after)) - Number(isAsymmetric(before));
  links.asymmetric = Math.max(0, Math.min(links.all, links.asymmetric + change));
}

/** The viewer itself says how many it has. */
export function correctLinks(links: Links, have: number): void {
  links.all = have;
  links.asymmetric = Math.min(links.asymmetric, have);
}

const isAsymmetric = (giving: Giving): boolean => giving !== "share";
