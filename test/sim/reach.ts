import type { EngineEvent } from "../../player/engine/types.ts";
import type { SegmentKey } from "../../player/protocol/index.ts";

/** What hls.js on its own would be asking for by now, told from what it was seen to do. */
export type Reach = {
  readonly note: (event: EngineEvent) => void;
  /** Listed, following what was asked for last, and beginning before the buffer is as full as hls.js wants it. */
  readonly takesIn: (key: SegmentKey) => boolean;
  /** Still to be played in the rendition asked for last. */
  readonly isAhead: (key: SegmentKey) => boolean;
};

export function createReach(now: () => number): Reach {
  const lists = new Map<string, Extract<EngineEvent, { t: "playlist" }>>();
  let asked: SegmentKey | undefined;
  let buffer = { ms: 0, goalMs: 0, at: 0 };

  const isAhead = ({ rendition, msn }: SegmentKey): boolean =>
    asked !== undefined && rendition === asked.rendition && msn >= asked.msn;

  return {
    note(event) {
      if (event.t === "playlist") lists.set(event.rendition, event);
      else if (event.t === "want") asked = event.key;
      else if (event.t === "playhead") buffer = { ms: event.bufferedMs, goalMs: event.goalMs, at: now() };
    },
    isAhead,
    takesIn(key) {
      const list = lists.get(key.rendition);
      if (list === undefined || asked === undefined || !isAhead(key) || key.msn > list.last) return false;
      const bufferedMs = Math.max(0, buffer.ms - (now() - buffer.at));
      return bufferedMs + (key.msn - asked.msn) * list.segmentMs < buffer.goalMs;
    },
  };
}
