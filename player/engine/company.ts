import { type Core, isApart, isServed, mostNeighbours } from "./core.ts";
import { letGo } from "./links.ts";
import type { Neighbour } from "./neighbour.ts";
import { isScarce } from "./shortfall.ts";
import type { Effect, Millis } from "./types.ts";

/** With fewer useful neighbours than this others are asked for. */
const FEW = 4;
/** The same where neighbours together cannot upload what all play: only many can keep every uplink busy. */
const FEW_WHEN_SCARCE = 12;
/** Time between two questions to the tracker: while there are too few neighbours, and while there are too few useful ones. */
const ASK_MS = 5000;
const ASK_FOR_BETTER_MS = 20_000;
/** A neighbour with whom nothing was exchanged for this long is of no use now, in milliseconds. */
const IDLE_MS = 30_000;
/** Time between two neighbours that are let go, in milliseconds. */
const PART_MS = 10_000;
/** Places kept free for those whom the tracker names. */
const FREE_PLACES = 2;
/** Far neighbours of no use now that are kept, so that the swarm never falls into islands. */
const KEPT_FAR = 2;

/** Asks the tracker for neighbours while there are too few of use, and makes room for them. Returns when to look again. */
export function keepCompany(core: Core): Millis {
  const have = core.neighbours.size;
  const others = core.swarmSize - 1 - have;
  if (!isServed(core) || isApart(core) || others <= 0) return Number.POSITIVE_INFINITY;
  const few = Math.min(isScarce(core) ? FEW_WHEN_SCARCE : FEW, mostNeighbours(core));
  const idle = [...core.neighbours.values()].filter((n) => isIdle(core, n));
  const next = Math.min(ask(core, few, have - idle.length), part(core, few, idle));
  // Somebody may fall idle without a word.
  return Math.min(next, core.now + PART_MS);
}

const isIdle = (core: Core, n: Neighbour): boolean => core.now - Math.max(n.openedAt, n.movedAt, n.sentAt) >= IDLE_MS;

function ask(core: Core, few: number, useful: number): Millis {
  const have = core.neighbours.size;
  if (useful >= few) return Number.POSITIVE_INFINITY;
  const since = Math.max(core.neighboursAskedAt, core.joinedAt ?? core.now);
  const due = since + (have < few ? ASK_MS : ASK_FOR_BETTER_MS);
  if (core.now < due) return due;
  core.neighboursAskedAt = core.now;
  core.out.push({ t: "more-neighbours", reason: reason(have), have });
  return core.now + ASK_MS;
}

function reason(have: number): Extract<Effect, { t: "more-neighbours" }>["reason"] {
  if (have === 0) return "alone";
  return have < FEW ? "lost" : "slow";
}

/** Lets go of the one that has been of no use for longest, if there is no room for others. */
function part(core: Core, few: number, idle: readonly Neighbour[]): Millis {
  if (core.neighbours.size <= mostNeighbours(core) - FREE_PLACES || core.neighbours.size <= few) {
    return Number.POSITIVE_INFINITY;
  }
  if (core.now < core.partedAt + PART_MS) return core.partedAt + PART_MS;
  const far = idle.filter((n) => n.near === "far");
  const [worst] = idle
    .filter((n) => n.near !== "far" || far.length > KEPT_FAR)
    .sort((a, b) => Math.max(a.movedAt, a.sentAt, a.openedAt) - Math.max(b.movedAt, b.sentAt, b.openedAt));
  if (worst === undefined) return Number.POSITIVE_INFINITY;
  core.partedAt = core.now;
  letGo(core, worst.id, "useless");
  return core.now + PART_MS;
}

/** Lets go of all beyond the most that this viewer wishes to have: of those who brought least in the time that they were there. */
export function keepBest(core: Core): void {
  const use = ({ received, openedAt }: Neighbour): number => received / Math.max(1, core.now - openedAt);
  const byUse = [...core.neighbours.values()].sort((a, b) => use(b) - use(a));
  for (const { id } of byUse.slice(mostNeighbours(core))) letGo(core, id, "enough");
}
