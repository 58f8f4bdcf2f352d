import type { PeerId } from "../../tracker/protocol/index.ts";
import { segmentId } from "../protocol/index.ts";
import { announce, greet } from "./announce.ts";
import { checkAsks } from "./answers.ts";
import { askPeers, learnSize } from "./asking.ts";
import { buyIfDue, usefulUntil } from "./buying.ts";
import { noteOverload, relax } from "./caution.ts";
import { keepCompany } from "./company.ts";
import { type Core, createCore, type Follows, isApart, isServed } from "./core.ts";
import { askDigests, onDigests, publish } from "./digests.ts";
import { loseFromDisk, onDiskRead } from "./disk.ts";
import { deliverIfWhole } from "./fill.ts";
import { roomAhead } from "./line.ts";
import { forgetNeighbour, giveUpRange, isShunned, letGo, onSilence } from "./links.ts";
import { createNeighbour, gives } from "./neighbour.ts";
import { onFrame } from "./peer-frames.ts";
import { onAbandon, onPlayhead, onPlaylist, onWant } from "./playback.ts";
import { reviseAhead } from "./prefetch.ts";
import { askedOf, deadlineOf, isAskedFor, isWhole, onTheirWay, type Segment } from "./segment.ts";
import { evict } from "./store.ts";
import {
  abortTransfer,
  onCdnAborted,
  onCdnBlock,
  onCdnDigest,
  onCdnDone,
  onCdnFailed,
  onCdnOpened,
} from "./transfers.ts";
import type { DropReason, Engine, EngineEvent, EngineLimits, Millis } from "./types.ts";
import { onWritable } from "./uplink.ts";
import { answerAwaiting, serve } from "./uploads.ts";
import { setTracker, vouchForKnown } from "./vouching.ts";

/** Share of the blocks in flight that what hls.js has not asked for yet may take. */
const AHEAD_SHARE = 0.5;

/** Makes an engine whose time begins at `now`, in milliseconds. */
export function createEngine(options: { readonly limits: EngineLimits; readonly now: Millis }): Engine {
  const core = createCore(options.limits, options.now);
  let planAt = Number.POSITIVE_INFINITY;
  return {
    handle(event, now) {
      core.now = Math.max(core.now, now);
      core.out = [];
      const follows = take(core, event);
      if (follows === "all" || (event.t === "tick" && planAt <= core.now)) planAt = plan(core);
      else if (follows === "sending") sendWhatIsDue(core);
      return core.out;
    },
    wakeAt: () => Math.min(planAt, core.announceAt, core.uploadAt),
    totals: core.ledger.totals,
    shares: core.ledger.shares,
    neighbours: () =>
      [...core.neighbours.values()].map((n) => ({
        peer: n.id,
        near: n.near,
        path: n.path,
        received: n.received,
        sent: n.sent,
        responseMs: n.responseMs,
      })),
    offers: (key) => {
      const id = segmentId(key);
      return [...core.neighbours.values()].filter((n) => gives(n) && (n.holdings.has(id) || n.buying.has(id))).length;
    },
    storedBytes: () => core.storedBytes,
    caution: () => core.caution.step,
  };
}

/** Takes an event in, and says how much has to be looked at because of it. */
function take(core: Core, event: EngineEvent): Follows {
  switch (event.t) {
    case "playlist":
      onPlaylist(core, event);
      reviseAhead(core);
      return "all";
    case "playhead":
      if (!onPlayhead(core, event)) return "nothing";
      reviseAhead(core);
      return "all";
    case "want":
      onWant(core, event);
      reviseAhead(core);
      return "all";
    case "overload":
      noteOverload(core);
      return "all";
    case "abandon":
      onAbandon(core, event.request);
      return "all";
    case "peer-open": {
      const reason = unwelcome(core, event.peer);
      if (reason !== undefined) {
        core.out.push({ t: "drop", peer: event.peer, reason });
        return "nothing";
      }
      const neighbour = createNeighbour(event.peer, event.near, event.path, core.now);
      core.neighbours.set(event.peer, neighbour);
      greet(core, neighbour);
      return "all";
    }
    case "peer-closed":
      forgetNeighbour(core, event.peer);
      return "all";
    case "peer-silent":
      return onSilence(core, event);
    case "bad-frame":
      letGo(core, event.peer, "bad-frame");
      return "all";
    case "frame": {
      const neighbour = core.neighbours.get(event.peer);
      return neighbour === undefined ? "nothing" : onFrame(core, neighbour, event.frame, event.digest);
    }
    case "writable": {
      const neighbour = core.neighbours.get(event.peer);
      if (neighbour !== undefined) onWritable(core, neighbour);
      return "sending";
    }
    case "cdn-opened":
      onCdnOpened(core, event);
      return "all";
    case "cdn-block":
      onCdnBlock(core, event);
      return "all";
    case "cdn-digest":
      onCdnDigest(core, event);
      return "all";
    case "cdn-done":
      onCdnDone(core, event);
      return "all";
    case "cdn-failed":
      onCdnFailed(core, event);
      return "all";
    case "cdn-aborted":
      onCdnAborted(core, event);
      return "nothing";
    case "tracker":
      return setTracker(core, event.state);
    case "joined":
      core.self = event.self;
      core.joinedAt = core.now;
      return "all";
    case "swarm":
      core.swarmSize = event.size;
      return "all";
    case "digests":
      onDigests(core, event);
      return "all";
    case "mode":
      setMode(core, event);
      return "all";
    case "disk-ready":
      core.disk = "ready";
      return "nothing";
    case "disk-lost":
      loseFromDisk(core, event.segments);
      return "all";
    case "disk-read":
      onDiskRead(core, event);
      answerAwaiting(core, event.segment);
      return "all";
    case "tick":
      return "sending";
  }
}

/** Why a link that has just opened is not kept; undefined when it is. */
function unwelcome(core: Core, peer: PeerId): DropReason | undefined {
  if (isApart(core)) return "mode-off";
  if (isShunned(core, peer)) return "shunned";
  return core.neighbours.size >= core.caution.neighbours ? "enough" : undefined;
}

function setMode(core: Core, { mode, uploadBitsPerSecond }: Extract<EngineEvent, { t: "mode" }>): void {
  const before = core.mode;
  core.mode = mode;
  core.bucket.bytesPerMs = uploadBitsPerSecond / 8000;
  if (mode === before) return;
  for (const n of [...core.neighbours.values()]) {
    if (mode === "off") letGo(core, n.id, "mode-off");
    else greet(core, n);
  }
}

/** Does all that is due, and says when something other than sending will be due next. */
function plan(core: Core): Millis {
  let wake = Math.min(checkAsks(core), relax(core));
  const open = stillOpen(core);
  const wanted = open.filter(isAskedFor);
  for (const seg of open) learnSize(core, seg);
  for (const seg of wanted) wake = Math.min(wake, fill(core, seg, core.limits.blocksInFlight, usefulUntil(core, seg)));
  wake = Math.min(wake, fillAhead(core, open, roomAhead(core, wanted)));
  wake = Math.min(wake, askDigests(core));
  evict(core);
  publish(core);
  vouchForKnown(core);
  sendWhatIsDue(core);
  wake = Math.min(wake, keepCompany(core));
  return Math.min(wake, canPublish(core) ? core.publishAt : Number.POSITIVE_INFINITY);
}

/** Tells neighbours what came in, and gives them what they asked for. */
function sendWhatIsDue(core: Core): void {
  announce(core);
  serve(core);
}

function fill(core: Core, seg: Segment, room: number, by: Millis): Millis {
  return Math.min(buyIfDue(core, seg), askPeers(core, seg, room, by));
}

/** Fills what hls.js has not asked for, as far as the line has room for so many blocks. */
function fillAhead(core: Core, open: readonly Segment[], lineRoom: number): Millis {
  const ahead = open.filter((seg) => !isAskedFor(seg));
  let room = lineRoom - ahead.reduce((sum, seg) => sum + onTheirWay(seg), 0);
  let toAsk = core.limits.blocksInFlight * AHEAD_SHARE - ahead.reduce((sum, seg) => sum + askedOf(seg), 0);
  let wake = Number.POSITIVE_INFINITY;
  for (const seg of ahead) {
    // What is bought early shares the line as well.
    if (room < core.shortfall * seg.blocks.length) return wake;
    const [coming, asked] = [onTheirWay(seg), askedOf(seg)];
    wake = Math.min(wake, fill(core, seg, Math.min(room, toAsk), Number.POSITIVE_INFINITY));
    room -= onTheirWay(seg) - coming;
    toAsk -= askedOf(seg) - asked;
  }
  return wake;
}

/** Hands out what is whole, and gives what is not, most urgent first. */
function stillOpen(core: Core): Segment[] {
  for (const seg of core.open) {
    deliverIfWhole(core, seg);
    if (isAskedFor(seg) || (seg.ahead && !isWhole(seg))) continue;
    stopFilling(core, seg);
    core.open.delete(seg);
  }
  return [...core.open].sort((a, b) => urgency(a) - urgency(b));
}

/** Takes back what is on its way. */
function stopFilling(core: Core, seg: Segment): void {
  abortTransfer(core, seg);
  giveUpRange(core, seg, 0, seg.blocks.length);
}

const canPublish = (core: Core): boolean => isServed(core) && core.neighbours.size > 0;

/** Wanted before filled ahead, and sooner before later. */
function urgency(seg: Segment): number {
  const deadline = deadlineOf(seg);
  return Number.isFinite(deadline) ? deadline : 1e15 + seg.key.msn;
}
