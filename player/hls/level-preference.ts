import type Hls from "hls.js";
import type { Fragment, Level } from "hls.js";
import type { Millis } from "../engine/types.ts";
import type { Subscribe } from "./subscribe.ts";

/**
 * A level is within reach when its peak bitrate fits into hls.js' estimate, and its average into this part of it. By itself hls.js
 * climbs at 0.7 (`abrBandWidthUpFactor`) and stays up to 0.95 (`abrBandWidthFactor`): what it is lifted to, it keeps.
 */
const REACH = 0.9;
/** Neighbours that must offer the level's next segments. */
const LEAST_HOLDERS = 2;
/** Target durations of the stream that must be buffered ahead. */
const COMFORT_TARGETS = 2;
/** After a step down hls.js goes its own way for this many fragments: it found less than it had thought. */
const CALM_FRAGMENTS = 10;

export type LevelPreferenceParts = {
  readonly hls: Hls;
  readonly events: Pick<Subscribe, "on" | "Events">;
  /** From now until playback would run dry if nothing came after this fragment. */
  readonly lasts: (frag: Fragment) => Millis;
  /** How many neighbours offer the segment of a level with this media sequence number. */
  readonly holders: (level: Level, msn: number) => number;
};

/**
 * Between two levels within reach, has hls.js load the one that neighbours hold: only ever the better one, and only in automatic mode.
 * `hls.nextAutoLevel` is hls.js' own means for it: a level set there is taken for one fragment, unless an emergency or an error
 * sets another, and a capped level cannot be set. It is set between a fragment's parsing and the choice of the next, while no
 * main fragment is under way, and never outlives the next one, whatever that turns out to be.
 *
 * Gives what is to be called when the viewer seeks: what was preferred for the place that playback leaves counts no more.
 */
export function preferHeldLevels({ hls, events, lasts, holders }: LevelPreferenceParts): () => void {
  const { on, Events } = events;
  /** The level that was set, until the next main fragment is there; hls.js' own choice was `lastLevel`. */
  let lift: number | undefined;
  let lastLevel = 0;
  let calmFor = 0;

  /** The level to load next in place of the one of `frag`, if there is such a one. */
  const heldLevel = (frag: Fragment): number | undefined => {
    const details = hls.levels[frag.level]?.details;
    if (!details || lasts(frag) < COMFORT_TARGETS * 1000 * details.targetduration) return undefined;
    // Where hls.js is about to change the level, or was told to, it knows why.
    if (!hls.autoLevelEnabled || hls.nextAutoLevel !== frag.level) return undefined;

    // What it would start with: the best that the whole estimate carries and that it has nothing else against.
    const to = hls.firstAutoLevel;
    const level = hls.levels[to];
    // hls.js has not weighed the fragment itself yet.
    const bitsPerSecond = Math.min(hls.bandwidthEstimate, frag.stats.bwEstimate || Number.POSITIVE_INFINITY);
    if (!level || to <= frag.level || level.averageBitrate > REACH * bitsPerSecond) return undefined;

    const msn = Number(frag.sn);
    // Who has the newest of a live stream will have the next one, too.
    const last = Math.min(msn + 2, details.endSN);
    // The film ends, or the levels do not share their numbers.
    if (!details.live && (last === msn || (level.details ?? details).startSN !== details.startSN)) return undefined;
    return [last - 1, last].every((n) => holders(level, n) >= LEAST_HOLDERS) ? to : undefined;
  };

  on(Events.FRAG_PARSED, (_, { frag }) => {
    const kind: string = frag.type;
    if (kind !== "main") return;
    calmFor = frag.level < lastLevel ? CALM_FRAGMENTS : calmFor - 1;
    lastLevel = frag.level;
    lift = calmFor > 0 ? undefined : heldLevel(frag);
    if (lift !== undefined) hls.nextAutoLevel = lift;
  });
  on(Events.FRAG_LOADING, (_, { frag }) => {
    const kind: string = frag.type;
    // Another one comes, for the page or an error said so: set like this, the lift ends with it.
    if (kind === "main" && lift !== undefined && frag.level !== lift) hls.nextAutoLevel = frag.level;
  });

  /** What is set cannot be unset, but replaced: by no better level than hls.js would take now. */
  const takeBack = (): void => {
    if (lift !== undefined) hls.nextAutoLevel = Math.min(lastLevel, hls.firstAutoLevel);
    lift = undefined;
  };
  on(Events.MAX_AUTO_LEVEL_UPDATED, takeBack);
  return takeBack;
}
