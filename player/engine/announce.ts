import {
  type Frame,
  fitMap,
  type MapEntry,
  PEER_LIMITS,
  PEER_PROTOCOL_VERSION,
  type SegmentKey,
} from "../protocol/index.ts";
import { type Core, isLive, shares } from "./core.ts";
import { holdsRun, type Neighbour } from "./neighbour.ts";
import { isOnDisk, isWhole, type Segment, sizeOf } from "./segment.ts";
import { uplinkSteps } from "./uplink.ts";
import { isCutOff, sayStanding } from "./vouching.ts";

/** First words to a new neighbour: who we are, what we hold, where we play. */
export function greet(core: Core, n: Neighbour): void {
  const upload = shares(core) ? "share" : "receive";
  const ageMs = Math.min(PEER_LIMITS.ageMs, Math.round(core.now - core.startedAt));
  send(core, n, { t: "hello", version: PEER_PROTOCOL_VERSION, upload, ageMs });
  if (isCutOff(core)) sayStanding(core, n);
  if (shares(core)) tellAll(core, n);
  if (core.told !== undefined) send(core, n, core.told);
}

/** Tells a neighbour everything that is held, even if that is nothing: it waits for this word. */
function tellAll(core: Core, n: Neighbour): void {
  const entries: MapEntry[] = [];
  for (const seg of core.segments.values()) {
    const bytes = sizeOf(seg);
    if ((seg.held > 0 || isOnDisk(seg)) && bytes !== undefined)
      entries.push({ key: seg.key, bytes, blocks: bitmap(seg) });
    if (seg.transfer !== undefined) send(core, n, { t: "buying", key: seg.key });
  }
  // The newest are what others want, should not all fit.
  send(core, n, { t: "map", entries: fitMap(entries.reverse()) });
}

function bitmap(seg: Segment): "all" | Uint8Array {
  if (isWhole(seg) || isOnDisk(seg)) return "all";
  const bits = new Uint8Array(Math.ceil(seg.blocks.length / 8));
  seg.blocks.forEach((block, i) => {
    if (block.s === "held") bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  });
  return bits;
}

/** Tells neighbours what came in, to each what it lacks. Once a segment is whole, that is told in one word. */
export function announce(core: Core): void {
  if (core.announceAt > core.now) return;
  core.announceAt = Number.POSITIVE_INFINITY;
  for (const seg of core.untold) {
    const bytes = sizeOf(seg);
    if (bytes === undefined) continue;
    core.untold.delete(seg);
    const runs = isWhole(seg) ? [{ from: 0, count: seg.blocks.length }] : runsOf(seg.untold);
    seg.untold.clear();
    if (!shares(core)) continue;
    for (const n of core.neighbours.values()) {
      const holding = n.holdings.get(seg.id);
      const agreed = holding?.bytes === bytes ? holding : undefined;
      for (const { from, count } of runs) {
        if (!holdsRun(agreed, from, count)) send(core, n, { t: "have", key: seg.key, bytes, from, count });
      }
    }
  }
}

function runsOf(indexes: ReadonlySet<number>): { from: number; count: number }[] {
  const runs: { from: number; count: number }[] = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last.from + last.count === index) last.count++;
    else runs.push({ from: index, count: 1 });
  }
  return runs;
}

/** Tells all neighbours that a segment is held no more. */
export function tellLost(core: Core, seg: Segment): void {
  if (!shares(core)) return;
  for (const n of core.neighbours.values()) send(core, n, { t: "lost", key: seg.key });
}

/** hls.js asks for another segment: neighbours are told, where that changes what they would make of it. */
export function tellPosition(core: Core, { rendition, msn }: SegmentKey): void {
  const { told } = core;
  const now = { t: "position", rendition, asked: msn, uplink: uplinkSteps(core) } as const;
  // On a live stream all go on alike.
  const alike = told?.asked === msn || isLive(core, rendition);
  if (alike && told?.rendition === rendition && told.uplink === now.uplink) return;
  core.told = now;
  for (const n of core.neighbours.values()) send(core, n, now);
}

function send(core: Core, n: Neighbour, frame: Frame): void {
  core.out.push({ t: "send", peer: n.id, frame });
}
