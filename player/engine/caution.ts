import type { Core } from "./core.ts";
import { cdnMs } from "./estimate.ts";
import { letGo } from "./links.ts";
import { type Segment, sizeOf, type Want } from "./segment.ts";
import type { Millis } from "./types.ts";

/**
 * Never worse than without: when a segment came late that the CDN alone would have brought in time, peer delivery is the cause,
 * and this viewer backs off. First it keeps twice the time in hand; should that not be enough, it leaves the mesh for a while
 * and everything comes from the CDN. With time it comes back by the same steps.
 */

/** Later than this counts as late, in milliseconds: timers of a busy page are no more exact. */
const LATE_MS = 250;
/** How long a step back lasts without a further late segment, in milliseconds. */
const WARY_MS = 120_000;
const OFF_MS = 180_000;

/** Takes note of when a wanted segment is handed out. */
export function noteDelivery(core: Core, seg: Segment, want: Want): void {
  // In turns it was the CDN that could not keep up.
  if (want.start || seg.boughtInTurns || core.now - want.deadline < LATE_MS) return;
  if (want.since + cdnMs(core.cdn, sizeOf(seg) ?? 0) > want.deadline) return;
  backOff(core);
}

function backOff(core: Core): void {
  if (core.caution.step === "none") {
    core.caution = { step: "wary", until: core.now + WARY_MS };
    return;
  }
  core.caution = { step: "off", until: core.now + OFF_MS };
  for (const peer of [...core.neighbours.keys()]) letGo(core, peer, "mode-off");
}

/** Comes one step back when the time is up. Returns when to look again. */
export function relax(core: Core): Millis {
  const { step, until } = core.caution;
  if (core.now < until || step === "none") return until;
  core.caution =
    step === "off" ? { step: "wary", until: core.now + WARY_MS } : { step: "none", until: Number.POSITIVE_INFINITY };
  return core.caution.until;
}
