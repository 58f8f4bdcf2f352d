import { identityOf, type PeerId } from "../../tracker/protocol/index.ts";
import { anyNeighbour, type Core, isLive, segmentMs } from "./core.ts";
import { fraction } from "./hash.ts";
import { likelySize } from "./line.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Segment } from "./segment.ts";
import { isScarce } from "./shortfall.ts";
import type { Millis } from "./types.ts";
import { fromSteps, steps, uplinkSteps } from "./uplink.ts";
import { isVain } from "./vain.ts";
import { isCutOff, VOUCHERS } from "./vouching.ts";

/** Buyers aimed at in a swarm too large for most to see each other; e^-3 is the chance that there is none at first. */
const BUYERS = 3;
/** How much sooner the next rank follows, by the length of a segment. */
const STEPS_A_SEGMENT = 2;
/** Steps a newcomer waits on top: it may have asked for the playlist long before the one that is to buy. */
const NEWCOMER_STEPS = 1;
/**
 * The same where neighbours together cannot upload what all play. There a segment has to come in at once and everywhere, since every
 * moment without it leaves uplinks idle, and what the CDN has to send anyhow may as well be first copies: half of it in a large swarm.
 */
const SCARCE = { fewestBuyers: 16, firstCopies: 0.5, stepsASegment: 8 } as const;
/** Neighbours that ask for a segment this many places away still count as after the same one. */
const NEAR_SEGMENTS = 2;

/** Who has watched for less than this buys only where nobody has watched longer: its buffer and its links are young. */
const SETTLED_MS = 60_000;
/**
 * Copies of a segment that an uplink sends while it plays, in the steps of `uplink.ts`: from two copies on it is wide, and more
 * than eight count as eight.
 */
const COPIES = { wide: 2, most: 6 } as const;

/** A viewer's lot for a segment, or for a part of it, alike for all who draw it, under whichever of its ids they know it. */
const lot = (seg: Segment, peer: PeerId, part = ""): number => fraction(seg.id + part + identityOf(peer));

/** A lot that is the lowest twice as often for who can send twice as much; below 1. */
const weighted = (seg: Segment, { id, copies }: Buyer): number => 1 - lot(seg, id) ** (1 / fromSteps(copies ?? 0));

/** What decides a viewer's place. `copies`: as in `COPIES`; undefined when it passes nothing on. */
type Buyer = Pick<Neighbour, "id" | "since" | "cutOff"> & { readonly copies: number | undefined };

/** Rounded, since all must come to the same, and each knows the size of another segment. */
function copiesFrom(core: Core, { key }: Segment, uplink: number): number {
  const bytesPerMs = likelySize(core, key.rendition) / segmentMs(core, key.rendition);
  return Math.min(COPIES.most, uplink - steps(bytesPerMs));
}

/**
 * A viewer's place in the order in which a segment is bought where all see each other; lower buys sooner. First those who have
 * settled, by lot; then newcomers, the longest here first. After all of these, in the same order, come those whose uplink is
 * too narrow to pass a segment on while it plays; after them those who pass nothing on; and last those who are cut off
 * from the tracker, which will not hear of what they buy.
 */
function place(core: Core, seg: Segment, buyer: Buyer): number {
  const { copies, since, cutOff } = buyer;
  const after = (cutOff ? 6 : 0) + (copies === undefined ? 4 : copies < COPIES.wide ? 2 : 0);
  return after + (isNew(core, since) ? 1 + 1 / (2 + Math.max(0, core.now - since)) : weighted(seg, buyer));
}

const isNew = (core: Core, since: Millis): boolean => core.now - since < SETTLED_MS;

/**
 * How long this viewer leaves a segment that nobody near holds or buys to others, in milliseconds from when it first wished
 * for it. No message is exchanged: everybody ranks the same names in the same way. Where each sees a third of all or more, the
 * first of those that it sees buys at once and each further rank a step later. In a larger swarm a viewer's own lot against the
 * swarm's size decides as well, and the share of viewers that may buy doubles with every step.
 */
export function patience(core: Core, seg: Segment): Millis {
  const { self } = core;
  if (self === undefined || isVain(core, seg)) return 0;
  const sharing = core.mode === "share";
  // A copy that is passed on to nobody makes nothing less scarce.
  const scarce = sharing && isScarce(core);
  const step = segmentMs(core, seg.key.rendition) / (scarce ? SCARCE.stepsASegment : STEPS_A_SEGMENT);
  const copies = sharing ? copiesFrom(core, seg, core.told?.uplink ?? uplinkSteps(core)) : undefined;
  const me: Buyer = { id: self, copies, since: core.startedAt, cutOff: isCutOff(core) };
  const mine = place(core, seg, me);
  const isBefore = (n: Neighbour): boolean => place(core, seg, asBuyer(core, seg, n)) < mine;
  const { seen, before, everybody } = company(core, seg, isBefore);
  // Without the tracker two copies are needed, so that others can compare what their buyers say of them.
  const buyers = core.tracker === "down" ? VOUCHERS : 1;
  if (everybody <= (scarce ? 1 : BUYERS) * seen) {
    if (before < buyers) return 0;
    // Who can pass nothing on comes after all newcomers as it is.
    const late = sharing && isNew(core, core.startedAt) ? NEWCOMER_STEPS : 0;
    return (before - buyers + 1 + late) * step;
  }
  const aimedAt = scarce ? Math.max(SCARCE.fewestBuyers, SCARCE.firstCopies * core.shortfall * everybody) : BUYERS;
  const drawn = sharing && !isAloneCutOff(core) ? weighted(seg, me) * meanWeight(core, seg, me) : 1 + lot(seg, self);
  const doublings = Math.log2((drawn * everybody) / aimedAt);
  return Math.max(scarce || before < buyers ? 0 : 1, Math.ceil(doublings)) * step;
}

function asBuyer(core: Core, seg: Segment, { id, upload, position, since, cutOff }: Neighbour): Buyer {
  const copies = upload === "share" && position !== undefined ? copiesFrom(core, seg, position.uplink) : undefined;
  return { id, copies, since, cutOff };
}

/** Mean weight of this viewer and its neighbours. Who passes nothing on has none. */
function meanWeight(core: Core, seg: Segment, me: Buyer): number {
  const all = [me, ...[...core.neighbours.values()].map((n) => asBuyer(core, seg, n))];
  return all.reduce((sum, { copies }) => sum + fromSteps(copies ?? Number.NEGATIVE_INFINITY), 0) / all.length;
}

/** Is this viewer cut off, while there are neighbours who are not? */
const isAloneCutOff = (core: Core): boolean => isCutOff(core) && anyNeighbour(core, (n) => !n.cutOff);

/**
 * How often the number of those who may buy a part of a segment must double before this viewer is among them; see `turns.ts`.
 * Undefined when nobody else is after the segment.
 */
export function doublings(core: Core, seg: Segment, part: string): number | undefined {
  const { self } = core;
  if (self === undefined) return undefined;
  const place = (peer: PeerId, sharing: boolean): number => lot(seg, peer, part) + (sharing ? 0 : 1);
  const mine = place(self, core.mode === "share");
  const { seen, before, everybody } = company(core, seg, (n) => place(n.id, n.upload === "share") < mine);
  if (seen === 1) return undefined;
  const rank = everybody <= seen ? before + 1 : mine * everybody;
  return Math.max(0, Math.ceil(Math.log2(rank)));
}

/** Who is after the same segment: this viewer and its neighbours, those of them who come before it, and all in the swarm. */
function company(core: Core, seg: Segment, isBefore: (n: Neighbour) => boolean) {
  let seen = 1;
  let before = 0;
  for (const n of core.neighbours.values()) {
    if (!isAfter(core, n, seg)) continue;
    seen++;
    if (isBefore(n)) before++;
  }
  return { seen, before, everybody: Math.round((core.swarmSize * seen) / (core.neighbours.size + 1)) };
}

/** Will this neighbour ask for the segment at about the same time? */
function isAfter(core: Core, n: Neighbour, seg: Segment): boolean {
  if (n.silent || n.position?.rendition !== seg.key.rendition) return false;
  if (isLive(core, seg.key.rendition)) return true;
  return Math.abs(n.position.asked - seg.key.msn) <= NEAR_SEGMENTS;
}
