import type { PeerId } from "../../tracker/protocol/index.ts";
import { type Core, segmentMs } from "./core.ts";
import { fraction } from "./hash.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Segment } from "./segment.ts";
import type { Millis } from "./types.ts";

/** Buyers aimed at in a swarm too large for all to see each other; e^-3 is the chance that there is none at first. */
const BUYERS = 3;
/** Neighbours that ask for a segment this many places away still count as after the same one. */
const NEAR_SEGMENTS = 2;

/** A viewer's place in the order in which a segment is bought; lower buys sooner. Receivers come after all who share. */
const place = (seg: Segment, peer: PeerId, shares: boolean): number => fraction(seg.id + peer) + (shares ? 0 : 1);

/**
 * How long this viewer leaves a segment that nobody near holds or buys to others, in milliseconds from when it first wished
 * for it. No message is exchanged: everybody ranks the same names in the same way. Where all see each other the first rank
 * buys at once and each further rank half a segment later. In a larger swarm a viewer's own place against the swarm's
 * size decides, and the share of viewers that may buy doubles every half segment.
 */
export function patience(core: Core, seg: Segment): Millis {
  const { self } = core;
  if (self === undefined) return 0;
  const step = segmentMs(core, seg.key.rendition) / 2;
  const mine = place(seg, self, core.mode === "share");
  let rivals = 0;
  let before = 0;
  for (const n of core.neighbours.values()) {
    if (!isAfter(core, n, seg)) continue;
    rivals++;
    if (place(seg, n.id, n.upload === "share") < mine) before++;
  }
  const seen = rivals + 1;
  const everybody = Math.max(seen, Math.round((core.swarmSize * seen) / (core.neighbours.size + 1)));
  if (everybody <= seen) return before * step;
  const doublings = Math.log2((mine * everybody) / BUYERS);
  return Math.max(0, Math.ceil(doublings)) * step;
}

/** Will this neighbour ask for the segment at about the same time? */
function isAfter(core: Core, n: Neighbour, seg: Segment): boolean {
  if (n.position === undefined || n.position.rendition !== seg.key.rendition) return false;
  if (core.playlists.get(seg.key.rendition)?.live === true) return true;
  return Math.abs(n.position.asked - seg.key.msn) <= NEAR_SEGMENTS;
}
