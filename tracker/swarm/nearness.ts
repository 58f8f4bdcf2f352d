import { NEARNESS, type Nearness } from "../protocol/index.ts";
import type { Locality } from "./member.ts";

/** How near two viewers are. The same answer whichever is asked first. Who is of one group is as near as in one house. */
export function nearness(a: Locality, b: Locality): Nearness {
  if (a.group !== undefined && a.group === b.group) return "lan";
  // Who has one address has one network, so that of strangers only one text is looked at.
  if (a.prefix === b.prefix) return a.address === b.address ? "lan" : "network";
  if (a.as !== undefined && a.as === b.as) return "as";
  if (a.country !== undefined && a.country === b.country) return "country";
  return "far";
}

const DISTANCES = Object.fromEntries(NEARNESS.map((near, distance) => [near, distance])) as Record<Nearness, number>;

/** 0 for the nearest, rising with distance. */
export const distance = (near: Nearness): number => DISTANCES[near];
