import { type Core, segmentMs } from "./core.ts";
import { cdnMs } from "./estimate.ts";
import { likelySize } from "./line.ts";
import { deadlineOf, type Segment } from "./segment.ts";
import { isScarce } from "./shortfall.ts";
import type { CdnFault, Millis } from "./types.ts";

/**
 * What is watched on demand is often left before its end. Whoever is ahead of its neighbours buys for all of them, but no further
 * ahead than the larger of these: in milliseconds, enough for a request that hangs for as long as hls.js lets it and for another;
 * and as a share of what hls.js is sure to buffer.
 */
const IN_HAND_MS = 12_000;
const IN_HAND = 0.4;
/** Only while the CDN brings a segment in this share of the time that it plays, and has not failed for so long, in milliseconds. */
const QUICK = 0.25;
const SOUND_MS = 300_000;
/** With no more than this in hand hls.js is told of a failure, in milliseconds, so that it can help itself. */
const LAST_MS = 3000;
/** Between two tries: this share of what is in hand beyond that, and no less than this, in milliseconds. */
const PAUSE = 0.25;
const LEAST_PAUSE_MS = 500;

/** Until when there is enough in hand to leave a segment at the CDN that nobody near holds; -Infinity where that is not done. */
export function inHandUntil(core: Core, seg: Segment): Millis {
  const { rendition } = seg.key;
  const isQuick = cdnMs(core.cdn, likelySize(core, rendition)) < QUICK * segmentMs(core, rendition);
  const isSound = core.caution.step === "none" && core.now - core.cdn.failedAt >= SOUND_MS;
  if (!isLed(core, seg) || !isQuick || !isSound || isScarce(core)) return Number.NEGATIVE_INFINITY;
  return deadlineOf(seg) - Math.max(IN_HAND_MS, IN_HAND * (core.playhead?.goalMs ?? 0));
}

/**
 * How long a viewer that is ahead of its neighbours waits after a failure that may pass before it tries again by itself, the shorter
 * the less it has in hand: hls.js would have tried sooner, with more. 0 where hls.js is to help itself.
 */
export function ownPause(core: Core, seg: Segment, fault: CdnFault): Millis {
  const mayPass = fault.kind !== "http" || fault.status >= 500;
  const left = deadlineOf(seg) - core.now - LAST_MS;
  return isLed(core, seg) && mayPass && left > 0 ? Math.max(LEAST_PAUSE_MS, PAUSE * left) : 0;
}

/** Is it watched on demand, and not by this viewer alone? */
const isLed = (core: Core, { key }: Segment): boolean =>
  core.playlists.get(key.rendition)?.live === false && core.neighbours.size > 0;
