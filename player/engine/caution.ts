import type { Caution } from "../../worker/protocol/index.ts";
import { keepBest } from "./company.ts";
import type { Core } from "./core.ts";
import { cdnMs } from "./estimate.ts";
import { letGo } from "./links.ts";
import { isFailing, type Segment, sizeOf, type Want } from "./segment.ts";
import type { Millis } from "./types.ts";

/**
 * Never worse than without: each viewer watches its own playback and its start. When a segment came late that the CDN alone would have
 * brought in time, or a first one later than the CDN would have, peer delivery is the cause, and the viewer backs off. So it does when
 * the picture stands still with the next one in hand: on a device that can only just decode it neighbours are too much. First it
 * keeps twice the time in hand, and only the better half of its neighbours; should that not be enough, it leaves the mesh for a
 * while and everything comes from the CDN. With time it comes back by the same steps.
 */

/** Later than this counts as late, in milliseconds: timers of a busy page are no more exact. */
const LATE_MS = 250;
/** How long a step back lasts without a further late segment, in milliseconds. */
const WARY_MS = 120_000;
const OFF_MS = 180_000;
/** A wary viewer keeps so many neighbours, or this share of those that it had. */
const LEAST_KEPT = 4;
const KEPT = 0.5;

/** Takes note of when a wanted segment is handed out. */
export function noteDelivery(core: Core, seg: Segment, want: Want): void {
  // There the CDN could not keep up.
  if (seg.boughtInTurns || isFailing(seg) || !wasLeftToOthers(core, seg, want)) return;
  const due = dueAt(core, seg, want);
  if (due !== undefined && core.now - due >= LATE_MS) backOff(core);
}

/** Takes note of a halt for want of time rather than of bytes: if there are neighbours, they took their share of it. */
export function noteOverload(core: Core): void {
  if (core.neighbours.size > 0) backOff(core);
}

/** What was asked of the CDN at once would have been no sooner without neighbours. */
const wasLeftToOthers = (core: Core, { transfer }: Segment, { since }: Want): boolean =>
  (transfer?.askedAt ?? core.now) - since >= LATE_MS;

/** When playback needed it, or could have begun; undefined where the CDN alone would have been late, or is not known yet. */
function dueAt(core: Core, seg: Segment, { start, since, deadline }: Want): Millis | undefined {
  const alone = since + cdnMs(core.cdn, sizeOf(seg) ?? 0);
  if (start) return core.cdn.bytesPerMs === undefined ? undefined : Math.max(alone, deadline);
  return alone <= deadline ? deadline : undefined;
}

function backOff(core: Core): void {
  if (core.caution.step === "none") {
    goTo(core, "wary", Math.max(LEAST_KEPT, Math.ceil(KEPT * core.neighbours.size)));
    keepBest(core);
    return;
  }
  goTo(core, "off", 0);
  for (const peer of [...core.neighbours.keys()]) letGo(core, peer, "mode-off");
}

/** Comes one step back when the time is up. Returns when to look again. */
export function relax(core: Core): Millis {
  const { step, until } = core.caution;
  if (core.now < until || step === "none") return until;
  if (step === "off") goTo(core, "wary", LEAST_KEPT);
  else goTo(core, "none", Number.POSITIVE_INFINITY);
  return core.caution.until;
}

function goTo(core: Core, step: Caution, neighbours: number): void {
  core.caution = { step, until: core.now + LASTS_MS[step], neighbours };
}

const LASTS_MS: Readonly<Record<Caution, Millis>> = { none: Number.POSITIVE_INFINITY, wary: WARY_MS, off: OFF_MS };
