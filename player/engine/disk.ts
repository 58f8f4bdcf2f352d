import type { SegmentId } from "../../tracker/protocol/index.ts";
import { tellLost } from "./announce.ts";
import type { Core } from "./core.ts";
import { isOnDisk, isWhole, MISSING, ON_DISK, type Segment, wholeBlocks } from "./segment.ts";
import type { EngineEvent } from "./types.ts";

/**
 * On demand, what was watched may move from memory to the viewer's disk instead of being thrown away, so that it can still be
 * shared. Neighbours see no difference: a segment on disk is announced as before, and read back when somebody asks for it.
 */

/** A disk that takes longer than this is not waited for, in milliseconds. */
export const DISK_MS = 300;

/** Takes a whole segment out of memory and onto the disk. False when there is no disk, or it is not worth it. */
export function moveToDisk(core: Core, seg: Segment): boolean {
  const onDemand = core.playlists.get(seg.key.rendition)?.live === false;
  if (core.disk !== "ready" || !onDemand || !isWhole(seg)) return false;
  if (seg.disk === "none") core.out.push({ t: "disk-put", segment: seg.id, blocks: wholeBlocks(seg) });
  seg.disk = "kept";
  for (const block of seg.blocks) if (block.s === "held") core.storedBytes -= block.bytes.byteLength;
  seg.blocks.fill(ON_DISK);
  seg.held = 0;
  return true;
}

/** Asks for a segment that is on disk. */
export function readBack(core: Core, seg: Segment): void {
  if (seg.disk !== "kept" || !isOnDisk(seg)) return;
  seg.disk = "reading";
  seg.readAt = core.now;
  core.out.push({ t: "disk-read", segment: seg.id });
}

/** A segment was read, or is not there any more. */
export function onDiskRead(core: Core, { segment, blocks }: Extract<EngineEvent, { t: "disk-read" }>): void {
  const seg = core.segments.get(segment);
  if (seg === undefined || seg.disk !== "reading") return;
  if (blocks?.length === seg.blocks.length) takeBack(core, seg, blocks);
  else loseFromDisk(core, [segment]);
}

function takeBack(core: Core, seg: Segment, blocks: readonly Uint8Array[]): void {
  seg.disk = "kept";
  for (const [i, bytes] of blocks.entries()) {
    if (seg.blocks[i]?.s !== "onDisk") continue;
    seg.blocks[i] = { s: "held", bytes };
    seg.held++;
    core.storedBytes += bytes.byteLength;
  }
}

/** These are not on disk any more, or could not be put there. */
export function loseFromDisk(core: Core, segments: readonly SegmentId[]): void {
  for (const id of segments) {
    const seg = core.segments.get(id);
    if (seg === undefined) continue;
    const gone = isOnDisk(seg);
    seg.disk = "none";
    for (const [i, block] of seg.blocks.entries()) if (block.s === "onDisk") seg.blocks[i] = MISSING;
    if (gone) tellLost(core, seg);
  }
}
