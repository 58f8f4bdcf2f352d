import type { Core } from "./core.ts";
import { pullOrderStart } from "./pull-order.ts";
import { type Segment, sizeOf } from "./segment.ts";

/**
 * Where neighbours together cannot upload what all play, each viewer lacks a part of every segment in the end, and buying it at
 * the last moment comes too late for anybody to profit. So the part that was lacking is remembered, and as much of the next
 * segments is bought as soon as they are wanted: other blocks by each viewer, which makes every uplink useful at once.
 */

/** Weight of the newest segment while more was lacking than was bought early. */
const RISE = 0.3;
/** How the share bought early falls with each segment that lacked nothing: by this factor, and by this much. */
const FALL_FACTOR = 0.93;
const FALL_STEP = 0.005;

/** A run of blocks; `end` exclusive. */
export type Run = { readonly from: number; readonly end: number };

/**
 * The blocks to buy early, or undefined when there are none: the last in the order in which neighbours are asked, who are not
 * asked for them.
 */
export function earlyRun(core: Core, seg: Segment): Run | undefined {
  const total = seg.blocks.length;
  const count = Math.floor(core.shortfall * total);
  if (seg.sources.reason !== undefined || sizeOf(seg) === undefined || count === 0) return undefined;
  const from = (pullOrderStart(core, seg) - count + total) % total;
  const end = Math.min(total, from + count);
  for (let i = from; i < end; i++) if (seg.blocks[i]?.s !== "missing") return undefined;
  return { from, end };
}

/** A wanted segment is whole: learns from how much of it had to be bought late. */
export function learnShortfall(core: Core, seg: Segment): void {
  const bytes = sizeOf(seg) ?? 0;
  if (bytes === 0 || seg.sources.reason === "duty" || seg.sources.reason === "start") return;
  const late = seg.boughtLate / bytes;
  if (late > 0) core.shortfall = Math.min(1, core.shortfall + RISE * late);
  else core.shortfall = Math.max(0, core.shortfall * FALL_FACTOR - FALL_STEP);
}
