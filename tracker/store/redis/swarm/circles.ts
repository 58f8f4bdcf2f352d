import type { Locality, Random } from "../../../swarm/index.ts";
import { circlesOf } from "../../circles.ts";
import { CANDIDATES } from "../../port.ts";

/** Characters of an entry: a random number, to base 36, that stands for a member in its circles. */
export const ENTRY_LENGTH = 9;
const BASE = 36;
/** Entries that one field of a circle is meant for (`scripts/shared/circles.lua`). */
export const BUCKET = 16;

/** The circle of everybody. */
const EVERYBODY = "*";
/** The asking member stands in its own circles: one more than wanted is drawn. */
export const ANYWHERE = CANDIDATES.anywhere + 1;
export const AROUND = CANDIDATES.perCircle + 1;

/**
 * The circles around a place as Redis knows them, everybody first. Names are cut to 32 bits, to keep fields short: two circles
 * of one swarm that share a name only bring each other candidates who are less near than hoped.
 */
export const circleNames = (locality: Locality): string[] => [EVERYBODY, ...circlesOf(locality).map(shortHash)];

/** FNV-1a, 32 bits. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(BASE);
}

/** A new entry, out of 10^14. */
export const createEntry = (random: Random): string =>
  Math.floor(random() * BASE ** ENTRY_LENGTH)
    .toString(BASE)
    .padStart(ENTRY_LENGTH, "0");

/** The entries in what was drawn, each once. */
export function entriesIn(texts: readonly (string | null)[]): Set<string> {
  const entries = new Set<string>();
  for (const text of texts) {
    if (text === null) continue;
    for (let at = 0; at < text.length; at += ENTRY_LENGTH) entries.add(text.slice(at, at + ENTRY_LENGTH));
  }
  return entries;
}
