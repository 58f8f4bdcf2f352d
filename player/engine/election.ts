import type { PeerId } from "../../tracker/protocol/index.ts";
import { type Core, segmentMs } from "./core.ts";
import { fraction } from "./hash.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Segment } from "./segment.ts";
import { isScarce } from "./shortfall.ts";
import type { Millis } from "./types.ts";
import { VOUCHERS } from "./vouching.ts";

/** Buyers aimed at in a swarm too large for all to see each other; e^-3 is the chance that there is none at first. */
const BUYERS = 3;
/** How much sooner the next rank follows, by the length of a segment. */
const STEPS_A_SEGMENT = 2;
/**
 * The same where neighbours together cannot upload what all play. There a segment has to come in at once, since every moment
 * without it leaves uplinks idle, and a second copy costs nothing that the CDN would not have to send anyhow.
 */
const SCARCE = { buyers: 16, stepsASegment: 8 } as const;
/** Neighbours that ask for a segment this many places away still count as after the same one. */
const NEAR_SEGMENTS = 2;

/** Who has watched for less than this buys only where nobody has watched longer: its buffer and its links are young. */
const SETTLED_MS = 60_000;

/** A viewer's lot for a segment, alike for all who draw it. */
const lot = (seg: Segment, peer: PeerId): number => fraction(seg.id + peer);

/**
 * A viewer's place in the order in which a segment is bought where all see each other; lower buys sooner. First those who have
 * settled, by lot; then newcomers, the longest here first; last those who can pass nothing on.
 */
function place(core: Core, seg: Segment, peer: PeerId, shares: boolean, since: Millis): number {
  if (!shares) return 2 + lot(seg, peer);
  const age = core.now - since;
  return age >= SETTLED_MS ? lot(seg, peer) : 1 + 1 / (2 + Math.max(0, age));
}

/**
 * How long this viewer leaves a segment that nobody near holds or buys to others, in milliseconds from when it first wished
 * for it. No message is exchanged: everybody ranks the same names in the same way. Where all see each other the first rank
 * buys at once and each further rank a step later. In a larger swarm a viewer's own lot against the swarm's size
 * decides, and the share of viewers that may buy doubles with every step.
 */
export function patience(core: Core, seg: Segment): Millis {
  const { self } = core;
  if (self === undefined) return 0;
  const scarce = isScarce(core);
  const step = segmentMs(core, seg.key.rendition) / (scarce ? SCARCE.stepsASegment : STEPS_A_SEGMENT);
  const sharing = core.mode === "share";
  const mine = place(core, seg, self, sharing, core.startedAt);
  let seen = 1;
  let before = 0;
  for (const n of core.neighbours.values()) {
    if (!isAfter(core, n, seg)) continue;
    seen++;
    if (place(core, seg, n.id, n.upload === "share", n.since) < mine) before++;
  }
  const everybody = Math.round((core.swarmSize * seen) / (core.neighbours.size + 1));
  // Without the tracker two copies are needed, so that others can compare what their buyers say of them.
  const buyers = core.tracker === "down" ? VOUCHERS : 1;
  if (everybody <= seen) return Math.max(0, before - buyers + 1) * step;
  const doublings = Math.log2(((lot(seg, self) + (sharing ? 0 : 1)) * everybody) / (scarce ? SCARCE.buyers : BUYERS));
  return Math.max(0, Math.ceil(doublings)) * step;
}

/** Will this neighbour ask for the segment at about the same time? */
function isAfter(core: Core, n: Neighbour, seg: Segment): boolean {
  if (n.position === undefined || n.position.rendition !== seg.key.rendition) return false;
  if (core.playlists.get(seg.key.rendition)?.live === true) return true;
  return Math.abs(n.position.asked - seg.key.msn) <= NEAR_SEGMENTS;
}
