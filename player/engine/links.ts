import { identityOf, type PeerId } from "../../tracker/protocol/index.ts";
import type { Core, Follows } from "./core.ts";
import { noteGhosts } from "./line.ts";
import type { Ask, Neighbour } from "./neighbour.ts";
import { MISSING, type Segment } from "./segment.ts";
import type { DropReason, EngineEvent } from "./types.ts";

/** Requests given up whose late blocks are still let pass. */
const DROPPED_KEPT = 64;
/** For so long nobody is taken back who broke the rules, in milliseconds; the tracker, which does not know, names them again. */
const SHUNNED_MS = 300_000;
const MOST_SHUNNED = 64;

/** Reasons for which a neighbour is let go through no fault of its own. */
const BLAMELESS: ReadonlySet<DropReason> = new Set(["useless", "mode-off", "enough"]);

/** Gives a request up: its blocks are missing again. `tell` when the neighbour should stop sending. */
export function giveUp(core: Core, n: Neighbour, ask: Ask, tell: boolean): void {
  if (!n.asks.delete(ask.id)) return;
  n.inFlight -= ask.left;
  const seg = core.segments.get(ask.segment);
  if (seg !== undefined) {
    for (let i = ask.from; i < ask.from + ask.count; i++) {
      const block = seg.blocks[i];
      if (block?.s === "asked" && block.ask === ask) seg.blocks[i] = MISSING;
    }
  }
  if (!tell) return;
  noteGhosts(core, ask.left);
  n.dropped.set(ask.id, ask);
  if (n.dropped.size > DROPPED_KEPT) {
    const oldest = n.dropped.keys().next();
    if (!oldest.done) n.dropped.delete(oldest.value);
  }
  core.out.push({ t: "send", peer: n.id, frame: { t: "cancel", id: ask.id } });
}

/** Gives up all requests for a segment from block `from` to before `to`. */
export function giveUpRange(core: Core, seg: Segment, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const block = seg.blocks[i];
    if (block?.s !== "asked") continue;
    const n = core.neighbours.get(block.ask.peer);
    if (n !== undefined) giveUp(core, n, block.ask, true);
    else seg.blocks[i] = MISSING;
  }
}

/** A neighbour is gone: what was asked of it is missing again. Copies of it that wait for their check are kept. */
export function forgetNeighbour(core: Core, id: PeerId): void {
  const n = core.neighbours.get(id);
  if (n === undefined) return;
  giveUpAll(core, n, false);
  core.neighbours.delete(id);
}

/** Nobody waits for a neighbour that has fallen silent; should it be heard again, it is one like any other. */
export function onSilence(core: Core, { peer, silent }: Extract<EngineEvent, { t: "peer-silent" }>): Follows {
  const n = core.neighbours.get(peer);
  if (n === undefined || n.silent === silent) return "nothing";
  n.silent = silent;
  giveUpAll(core, n, true);
  return "all";
}

function giveUpAll(core: Core, n: Neighbour, tell: boolean): void {
  for (const ask of [...n.asks.values()]) giveUp(core, n, ask, tell);
}

/** Lets a neighbour go, if it has not gone by itself. Nothing is sent to it after this. */
export function letGo(core: Core, peer: PeerId, reason: DropReason): void {
  if (!core.neighbours.has(peer)) return;
  forgetNeighbour(core, peer);
  if (!BLAMELESS.has(reason)) shun(core, peer);
  core.out.push({ t: "drop", peer, reason });
}

function shun({ shunned, now }: Core, peer: PeerId): void {
  shunned.set(identityOf(peer), now + SHUNNED_MS);
  const [oldest] = shunned.keys();
  if (shunned.size > MOST_SHUNNED && oldest !== undefined) shunned.delete(oldest);
}

/** Was it let go of late for what it did? */
export const isShunned = ({ shunned, now }: Core, peer: PeerId): boolean =>
  now < (shunned.get(identityOf(peer)) ?? now);
