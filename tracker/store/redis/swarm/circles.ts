import { type Locality, type Random, sampleIndexes } from "../../../swarm/index.ts";
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
const ANYWHERE = CANDIDATES.anywhere + 1;
const AROUND = CANDIDATES.perCircle + 1;

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

/** A circle by its name in Redis, and how many members stand in it. */
export type Circle = { readonly name: string; readonly count: number };

/**
 * Fields of a swarm's hash to draw from: together about as many entries as wanted from each circle. Where everybody is few,
 * the other circles have nothing to add.
 */
export function fieldsToDraw(circles: readonly Circle[], random: Random): string[] {
  const [everybody, ...around] = circles;
  if (!everybody) return [];
  const anywhere = fieldsOf(everybody, ANYWHERE, random);
  if (everybody.count <= ANYWHERE) return anywhere;
  return [...anywhere, ...around.flatMap((circle) => fieldsOf(circle, AROUND, random))];
}

function fieldsOf({ name, count }: Circle, want: number, random: Random): string[] {
  if (count === 0) return [];
  if (count <= BUCKET) return [name];
  const fields = Math.ceil(count / BUCKET);
  const some = Math.max(1, Math.round((want * fields) / count));
  return sampleIndexes(fields, some, random).map((index) => `${name}/${index}`);
}

/** `moved` when a field is no longer where it was: the circle has just outgrown it. */
export function entriesIn(texts: readonly (string | null)[]): Set<string> | "moved" {
  const entries = new Set<string>();
  for (const text of texts) {
    if (text === null) continue;
    if (text.startsWith("#")) return "moved";
    for (let at = 0; at < text.length; at += ENTRY_LENGTH) entries.add(text.slice(at, at + ENTRY_LENGTH));
  }
  return entries;
}
