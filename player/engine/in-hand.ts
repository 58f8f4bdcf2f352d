import { anyNeighbour, type Core, segmentMs } from "./core.ts";
import { cdnMs } from "./estimate.ts";
import { likelySize } from "./line.ts";
import { deadlineOf, type Segment } from "./segment.ts";
import { isScarce } from "./shortfall.ts";
import type { CdnFault, Millis } from "./types.ts";

/**
 * What is watched on demand is often left before its end, and what the foremost viewer has in hand by then was bought for nobody. It buys
 * for all behind it, but no further ahead than the largest of these: in milliseconds, enough for a request that hangs for as long as
 * hls.js lets it and for another; a share of what hls.js is sure to buffer; and in milliseconds for each viewer of the swarm, who share
 * that loss among them.
 */
const IN_HAND_MS = 12_000;
const IN_HAND = 0.4;
const IN_HAND_A_VIEWER_MS = 1500;
/** Others are waited for until so much is in hand, or this share of what hls.js is sure to buffer. */
const MOST_IN_HAND = 0.8;
/** Who comes first in the order of buyers buys so much sooner, in milliseconds; more where there are viewers who pass nothing on. */
const LEAD_MS = 1000;
const LEAD_FOR_OTHERS_MS = 5000;
/** What neighbours still owe is bought with so much in hand, in milliseconds, or with this share of what hls.js buffers. */
const RESERVE_MS = 8000;
const RESERVE = 0.4;
/** And only of what there was this many times as long for, so that who has just come waits for neighbours as before. */
const TIME_FOR_RESERVE = 1.5;
/** Only while the CDN brings a segment in this share of the time that it plays, and has not failed for so long, in milliseconds. */
const QUICK = 0.25;
const SOUND_MS = 300_000;
/** With no more than this in hand hls.js is told of a failure, in milliseconds, so that it can help itself. */
const LAST_MS = 3000;
/** Where neighbours hold the segment, not before playback has been dry for so long: meanwhile nobody would be asked for it. */
const DRY_MS = 5000;
/** Between two tries: so long at first, in milliseconds, then twice that each time; but no more than this share of what is in hand. */
const PAUSE_MS = 500;
const PAUSE = 0.25;

/** Until when a segment that nobody near holds is left to others and at the CDN. `hopeless`: from when on nobody else will buy it. */
export function leftUntil(core: Core, seg: Segment, hopeless: Millis): Millis {
  if (!isLed(core, seg)) return hopeless;
  const deadline = deadlineOf(seg);
  const inHand = Math.max(IN_HAND_MS, IN_HAND * goalMs(core), IN_HAND_A_VIEWER_MS * core.swarmSize);
  const least = Math.min(inHand, MOST_IN_HAND * goalMs(core));
  const until = hadTime(seg, least) ? Math.min(hopeless, deadline - least) : hopeless;
  return isSound(core, seg) ? Math.max(until, deadline - inHand - leadMs(core)) : until;
}

/** Until when a segment that neighbours hold must be whole, so that there is a reserve behind it. */
export function wholeUntil(core: Core, seg: Segment): Millis {
  const reserve = Math.min(RESERVE_MS, RESERVE * goalMs(core));
  const keeps = isLed(core, seg) && hadTime(seg, TIME_FOR_RESERVE * reserve);
  return deadlineOf(seg) - (keeps ? reserve : 0);
}

/** Was a segment first wished for so long before its deadline? */
const hadTime = (seg: Segment, ms: Millis): boolean => deadlineOf(seg) - seg.seenAt >= ms;

const goalMs = (core: Core): Millis => core.playhead?.goalMs ?? 0;

function isSound(core: Core, { key }: Segment): boolean {
  const isQuick = cdnMs(core.cdn, likelySize(core, key.rendition)) < QUICK * segmentMs(core, key.rendition);
  return isQuick && core.caution.step === "none" && core.now - core.cdn.failedAt >= SOUND_MS && !isScarce(core);
}

const leadMs = (core: Core): Millis =>
  anyNeighbour(core, (n) => n.upload === "receive") ? LEAD_FOR_OTHERS_MS : LEAD_MS;

/**
 * How long a viewer waits after a failure before it tries again by itself, the shorter the less it has in hand. 0 where hls.js is to help
 * itself; but what neighbours hold may yet come from them, and a viewer who is ahead of them on demand has more in hand than the time
 * that hls.js would wait.
 */
export function ownPause(core: Core, seg: Segment, fault: CdnFault, helped: boolean): Millis {
  const mayPass = fault.kind !== "http" || fault.status >= 500;
  const ownTries = isLed(core, seg) && mayPass ? LAST_MS : Number.POSITIVE_INFINITY;
  const left = deadlineOf(seg) - core.now;
  if (left <= (helped ? -DRY_MS : ownTries)) return 0;
  return Math.min(PAUSE_MS * 2 ** Math.min(6, seg.cdnFailures - 1), Math.max(PAUSE_MS, PAUSE * left));
}

/** Is it watched on demand, and not by this viewer alone? */
const isLed = (core: Core, { key }: Segment): boolean =>
  core.playlists.get(key.rendition)?.live === false && core.neighbours.size > 0;
