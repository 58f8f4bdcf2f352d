import type { CdnReason } from "../../worker/protocol/index.ts";
import { PEER_LIMITS } from "../protocol/index.ts";
import { type Core, isApart, segmentMs, shares } from "./core.ts";
import { DISK_MS } from "./disk.ts";
import { patience } from "./election.ts";
import { cdnMs } from "./estimate.ts";
import { isHelped } from "./help.ts";
import { leftUntil, wholeUntil } from "./in-hand.ts";
import { blocksInFlight, isLineTheLimit, isTight, likelyMissing, likelySize, lineMs } from "./line.ts";
import { giveUpRange } from "./links.ts";
import { wouldBeAsked } from "./reach.ts";
import {
  askedOf,
  type Block,
  deadlineOf,
  isAllAsked,
  isFailing,
  isWhole,
  type Segment,
  sizeOf,
  type Transfer,
} from "./segment.ts";
import { earlyRun, isScarce, lagging, type Run } from "./shortfall.ts";
import { abortTransfer } from "./transfers.ts";
import { isMoreThanAPart, nextTurn, takesTurns } from "./turns.ts";
import type { Millis } from "./types.ts";
import { VOUCHERS } from "./vouching.ts";

/** Time kept in hand for the CDN beyond its own estimate, in milliseconds: a third of a segment within these bounds. */
const LEAST_MARGIN_MS = 1000;
const MOST_MARGIN_MS = 2500;
/** The same when all that is missing is on its way from neighbours. */
const ASKED_MARGIN_MS = 500;
/** A line that never carried so many times what is needed has no room for what comes in vain. */
const ROOM = 1.15;
/** How long a newcomer waits for its first neighbours, in milliseconds. */
const GRACE_MS = 3000;
/** How long a new neighbour is given to say what it holds, in milliseconds. */
const FIRST_WORDS_MS = 1000;
/**
 * Shortest time between two looks at a segment that may wait, in milliseconds. What is waited for may move away as time goes by, and so stay
 * a moment away for seconds: a transfer that hangs makes the CDN slower, and turns longer; what was given up and comes all the same
 * is on the line for less and less.
 */
const LEAST_LOOK_MS = 20;

type Decision =
  | { readonly buy: CdnReason; readonly when: Transfer["when"]; readonly run?: Run | undefined }
  | { readonly waitUntil: Millis };

/** Buys what must be bought now. Returns when to look again. */
export function buyIfDue(core: Core, seg: Segment): Millis {
  if (isWhole(seg)) return Number.POSITIVE_INFINITY;
  if (seg.transfer !== undefined && !owesAnything(seg, seg.transfer)) abortTransfer(core, seg);
  if (seg.transfer !== undefined) {
    const cut = isMoreThanAPart(core, seg, seg.transfer) && takesTurns(core, seg, latestSafe(core, seg));
    if (!cut) return Number.POSITIVE_INFINITY;
    abortTransfer(core, seg);
  }
  const notBefore = Math.max(seg.cdnRetryAt, seg.disk === "reading" ? seg.readAt + DISK_MS : 0);
  if (core.now < notBefore) return notBefore;
  const decision = seg.wants.length > 0 ? decide(core, seg) : decideAhead(core, seg);
  if ("waitUntil" in decision) return Math.max(decision.waitUntil, core.now + LEAST_LOOK_MS);
  buy(core, seg, decision.buy, decision.when, decision.run ?? lastMissing(seg));
  return Number.POSITIVE_INFINITY;
}

function decide(core: Core, seg: Segment): Decision {
  if (core.mode === "off") return { buy: "policy", when: "due" };
  if (isApart(core)) return { buy: "p2pOff", when: "due" };
  const helped = isHelped(core, seg);
  if (hasNoRoom(core, seg)) return { buy: reasonNow(core, seg, helped), when: "due" };
  const last = latestSafe(core, seg);
  if (takesTurns(core, seg, last)) return decideInTurns(core, seg, last);
  const early = helped ? earlyRun(core, seg) : undefined;
  if (early !== undefined) return { buy: "tooLate", when: "early", run: early };
  const hopeless = helped ? Number.NEGATIVE_INFINITY : hopelessFrom(core, seg);
  const until = Math.min(last, helped ? wholeUntil(core, seg) : leftUntil(core, seg, hopeless));
  const keepsUp = helped && isScarce(core) && core.cdn.ranges !== "ignored";
  if (core.now < until) return keepsUp ? keepUp(core, seg, until) : { waitUntil: until };
  seg.leftInVain = seg.wants.some((want) => want.since < hopeless);
  return { buy: reasonNow(core, seg, helped), when: "due" };
}

/** Does the line carry what is played with nothing to spare? Whoever waits on it for others is late. */
function hasNoRoom(core: Core, { key }: Segment): boolean {
  const needed = likelySize(core, key.rendition) / segmentMs(core, key.rendition);
  return isLineTheLimit(core, ROOM * needed, needed);
}

/** Buys by how much a segment lags behind what neighbours are likely to bring until then. */
function keepUp(core: Core, seg: Segment, until: Millis): Decision {
  const { blocks, nextAt } = lagging(core, seg, until);
  const run = blocks > 0 ? lastMissing(seg) : undefined;
  if (run === undefined) return { waitUntil: nextAt };
  return { buy: "tooLate", when: "early", run: { from: Math.max(run.from, run.end - blocks), end: run.end } };
}

function decideInTurns(core: Core, seg: Segment, late: Millis): Decision {
  seg.boughtInTurns = true;
  const turn = nextTurn(core, seg, late);
  if (turn === undefined) return { waitUntil: Number.POSITIVE_INFINITY };
  if (core.now < turn.at) return { waitUntil: core.now < late ? Math.min(late, turn.at) : turn.at };
  return { buy: reasonNow(core, seg, turn.near), when: "due", run: turn.run };
}

/** What hls.js has not asked for yet is bought only in part, and no sooner than hls.js on its own would have asked for it. */
function decideAhead(core: Core, seg: Segment): Decision {
  const wait = { waitUntil: Number.POSITIVE_INFINITY };
  if (isApart(core) || !isHelped(core, seg) || !wouldBeAsked(core, seg.key)) return wait;
  // All of it would be bought, and everybody's.
  if (core.cdn.ranges === "ignored" && takesTurns(core, seg, Number.POSITIVE_INFINITY)) return wait;
  const early = earlyRun(core, seg);
  return early === undefined ? wait : { buy: "tooLate", when: "early", run: early };
}

/** From when on it is no use to wait for others, when nobody near holds or buys the segment. */
function hopelessFrom(core: Core, seg: Segment): Millis {
  if (seg.digests.verdict === "conflict") return core.now;
  if (core.neighbours.size === 0) return graceEnd(core);
  let from = seg.seenAt + patience(core, seg);
  for (const n of core.neighbours.values()) if (!n.heard) from = Math.max(from, n.openedAt + FIRST_WORDS_MS);
  return from;
}

function reasonNow(core: Core, seg: Segment, helped: boolean): CdnReason {
  // Before "start": a copy was there, and would have done had it been right.
  if (seg.failedCheck) return "failedCheck";
  if (seg.wants.some((want) => want.start)) return "start";
  if (helped) return "tooLate";
  if (core.tracker === "down" && core.neighbours.size < VOUCHERS) return "p2pOff";
  return core.neighbours.size === 0 ? "noPeer" : "duty";
}

/**
 * The last moment at which the CDN, asked for all that is not held, is still in time although what neighbours send of others comes
 * through the same line. Where that is all that is missing less is kept in hand, since most of it does come.
 */
function latestSafe(core: Core, seg: Segment): Millis {
  const deadline = deadlineOf(seg);
  const third = segmentMs(core, seg.key.rendition) / 3;
  const margin = Math.max(LEAST_MARGIN_MS, Math.min(MOST_MARGIN_MS, third));
  const kept = isAllAsked(seg) ? ASKED_MARGIN_MS : margin;
  // What is asked for of this one comes on top of nothing: even given up it is of use, should it come.
  const others = lineMs(core, blocksInFlight(core) - askedOf(seg));
  return (
    deadline -
    others -
    moreRequestsMs(core, seg) -
    cdnMs(core.cdn, likelySent(core, seg)) -
    (isCareful(core, seg) ? 2 * kept : kept)
  );
}

/** After a late segment, and where the line leaves little to make up for one, twice the time is kept in hand. */
const isCareful = (core: Core, seg: Segment): boolean =>
  core.caution.step !== "none" ||
  isTight(core, likelySize(core, seg.key.rendition) / segmentMs(core, seg.key.rendition));

/** Bytes that the CDN will likely send until the segment is whole: all, unless it was seen to send parts. */
const likelySent = (core: Core, seg: Segment): number =>
  core.cdn.ranges === "sent" ? likelyMissing(core, seg) : (sizeOf(seg) ?? likelySize(core, seg.key.rendition));

/** What is missing in several places takes as many requests, one after the other. */
function moreRequestsMs(core: Core, seg: Segment): Millis {
  if (core.cdn.ranges === "ignored") return 0;
  let runs = 0;
  for (const [i, block] of seg.blocks.entries()) {
    if (block.s !== "held" && (i === 0 || seg.blocks[i - 1]?.s === "held")) runs++;
  }
  return Math.max(0, runs - 1) * cdnMs(core.cdn, 0);
}

/**
 * Until when a block from a neighbour is of use: while the CDN can bring it in time, or would be no sooner with all that is missing, and
 * however late where it fails.
 */
export function usefulUntil(core: Core, seg: Segment): Millis {
  if (seg.wants.length === 0 || isFailing(seg)) return Number.POSITIVE_INFINITY;
  const deadline = deadlineOf(seg);
  const lastBlock = core.cdn.ranges === "sent" ? PEER_LIMITS.blockBytes : likelySent(core, seg);
  return Math.max(deadline - cdnMs(core.cdn, lastBlock), core.now + cdnMs(core.cdn, likelySent(core, seg)));
}

/** Until when a viewer without neighbours may hope for its first. */
function graceEnd(core: Core): Millis {
  if (core.tracker === "down") return Number.NEGATIVE_INFINITY;
  if (core.joinedAt === undefined) return core.startedAt + GRACE_MS;
  return core.swarmSize > 1 ? core.joinedAt + GRACE_MS : Number.NEGATIVE_INFINITY;
}

/** False once neighbours have brought all that the CDN was still to send. */
function owesAnything({ blocks }: Segment, { next, end }: Transfer): boolean {
  if (end === undefined) return true;
  for (let i = next; i < end; i++) if (blocks[i]?.s !== "held") return true;
  return false;
}

/** Starts a transfer for a run of blocks: neighbours go on with the others. */
function buy(core: Core, seg: Segment, reason: CdnReason, when: Transfer["when"], run: Run | undefined): void {
  const fetch = core.nextFetch++;
  const bytes = sizeOf(seg);
  const whole =
    bytes === undefined ||
    run === undefined ||
    core.cdn.ranges === "ignored" ||
    (run.from === 0 && run.end === seg.blocks.length);
  const from = whole ? 0 : run.from;
  const end = whole ? undefined : run.end;
  if (run !== undefined && core.cdn.ranges !== "ignored" && !isFailing(seg)) giveUpRange(core, seg, run.from, run.end);
  seg.sources.reason ??= reason;
  seg.transfer = {
    fetch,
    reason,
    when,
    askedAt: core.now,
    next: from,
    end: end ?? (bytes === undefined ? undefined : seg.blocks.length),
    openedAt: undefined,
    movedAt: core.now,
    bytes: 0,
    lineBefore: core.line.total,
  };
  core.transfers.set(fetch, seg);
  const toEnd = end === undefined || end === seg.blocks.length;
  core.out.push({
    t: "cdn-get",
    fetch,
    key: seg.key,
    from: from * PEER_LIMITS.blockBytes,
    to: toEnd ? undefined : end * PEER_LIMITS.blockBytes,
  });
  if (!shares(core)) return;
  for (const n of core.neighbours.values()) {
    core.out.push({ t: "send", peer: n.id, frame: { t: "buying", key: seg.key } });
  }
}

/** The last blocks in a row that nobody is sending; when all are being sent, the last that are not held. */
function lastMissing(seg: Segment): Run | undefined {
  const all = isAllAsked(seg);
  const wanting = (block: Block | undefined) => block?.s === "missing" || (all && block?.s !== "held");
  let end = seg.blocks.length;
  while (end > 0 && !wanting(seg.blocks[end - 1])) end--;
  if (end === 0) return undefined;
  let from = end;
  while (from > 0 && wanting(seg.blocks[from - 1])) from--;
  return { from, end };
}
