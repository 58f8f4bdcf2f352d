import { type SegmentKey, segmentId } from "../protocol/index.ts";
import { anyNeighbour, type Core, isApart } from "./core.ts";
import { segmentOf } from "./playback.ts";
import { aheadRange, isAhead } from "./reach.ts";
import { isOnDisk, isWhole, type Segment } from "./segment.ts";

/** A neighbour offers a segment: peers, never the CDN, fill it ahead when it will soon be played. */
export function considerAhead(core: Core, key: SegmentKey): void {
  if (isApart(core) || !isAhead(core, key)) return;
  fillAhead(core, segmentOf(core, key));
}

function fillAhead(core: Core, seg: Segment): void {
  if (isWhole(seg) || isOnDisk(seg)) return;
  seg.ahead = true;
  core.open.add(seg);
}

/** Looks again at what may be filled ahead: playback moved on, jumped, or changed its rendition. */
export function reviseAhead(core: Core): void {
  for (const seg of core.open) {
    if (seg.ahead && !isAhead(core, seg.key)) seg.ahead = false;
  }
  const range = aheadRange(core);
  if (range === undefined || isApart(core)) return;
  for (let msn = range.first; msn <= range.last; msn++) {
    const key = { rendition: range.rendition, msn };
    const id = segmentId(key);
    if (anyNeighbour(core, (n) => n.holdings.has(id))) fillAhead(core, segmentOf(core, key));
  }
}
