import type { Core } from "./core.ts";
import { canBeChecked, knownDigests } from "./digests.ts";
import { gives, type Neighbour } from "./neighbour.ts";
import { type Segment, sizeOf } from "./segment.ts";
import { VOUCHERS } from "./vouching.ts";

/** A neighbour that said it is buying and then told of no new block is not relied on for longer than this. */
const BUYING_MS = 3000;

/** Somebody near holds a missing block that can be checked, or is fetching the segment from the CDN. */
export function isHelped(core: Core, seg: Segment): boolean {
  if (!canBeChecked(core, seg)) return false;
  let needed = core.tracker === "down" && knownDigests(seg) === undefined ? VOUCHERS : 1;
  for (const n of core.neighbours.values()) {
    // Of what a neighbour buys that is cut off, the tracker will not hear.
    if (n.cutOff && core.tracker === "up" && knownDigests(seg) === undefined) continue;
    if (gives(n) && helps(core, n, seg)) needed--;
    if (needed === 0) return true;
  }
  return false;
}

function helps(core: Core, n: Neighbour, seg: Segment): boolean {
  const since = n.buying.get(seg.id);
  if (since !== undefined && core.now - since < BUYING_MS) return true;
  const holding = n.holdings.get(seg.id);
  return holding !== undefined && (sizeOf(seg) ?? holding.bytes) === holding.bytes;
}
