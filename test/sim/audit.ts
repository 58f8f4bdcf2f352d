import type { Effect, Engine, EngineEvent, FetchId, RequestId } from "../../player/engine/types.ts";
import { encodeFrame, type Frame, segmentId } from "../../player/protocol/index.ts";
import type { PeerId, SegmentId } from "../../tracker/protocol/index.ts";
import type { CdnReason } from "../../worker/protocol/index.ts";
import type { Stream } from "./media.ts";

/** A promise of the engine that did not hold. */
export type Violation = {
  readonly rule: Rule;
  readonly atMs: number;
  readonly viewer: number;
  readonly detail: string;
};

export type Rule =
  /** Each request ends once: delivered, failed or abandoned. */
  | "answered-once"
  /** The blocks delivered are those of the origin, in order. */
  | "right-bytes"
  /** The store stays within its limit, but for what is waited for. */
  | "store-limit"
  /** Every byte is counted once, and the CDN's add up by reason. */
  | "ledger"
  /** The CDN is asked only for what hls.js waits for, once at a time, and stopped when it waits no more. */
  | "cdn-on-demand"
  /** Nothing is said to a neighbour that is gone or was let go. */
  | "closed-peer"
  /** `wakeAt` is a time, and ticks lead somewhere. */
  | "wake"
  /** Every frame can be encoded. */
  | "frame";

/** Ticks of one viewer in one second of virtual time that are taken for a busy loop. */
const MOST_TICKS = 300;
/** Sums of times are rounded, so that something may seem due in the moment it was looked at. It is looked at again 1 ms later. */
const ROUNDING_MS = 0.001;
/** Violations that are kept in words; all are counted. */
const KEPT = 50;

export type Book = {
  readonly violations: Violation[];
  count: number;
};

export type Audit = {
  /** Told after each call of `handle`, before its effects are carried out. */
  readonly handled: (event: EngineEvent, effects: readonly Effect[]) => void;
  /** Bytes that the viewer received from the CDN. */
  readonly cdnBytes: (bytes: number) => void;
  readonly transferOver: (fetch: FetchId) => void;
  /** The viewer goes. `untold`: CDN bytes that came in and that the engine has not been told of. */
  readonly finish: (untold: number) => void;
  readonly counts: AuditCounts;
};

export type AuditCounts = {
  /** Segments that came after their deadline or not at all, other than those asked for when playback was dry. */
  late: number;
  worstLateMs: number;
  frames: number;
};

type OpenWant = { readonly segment: SegmentId; readonly deadline: number; readonly at: number };

/** Watches one engine from outside. */
export function createAudit(of: {
  readonly viewer: number;
  readonly now: () => number;
  readonly engine: Engine;
  readonly stream: Stream;
  readonly storeBytes: number;
  readonly book: Book;
}): Audit {
  const { engine, now, stream, book } = of;
  const wants = new Map<RequestId, OpenWant>();
  const running = new Map<FetchId, SegmentId>();
  const peers = new Set<PeerId>();
  let deliveredBytes = 0;
  let uploaded = 0;
  let fromCdn = 0;
  const counts: AuditCounts = { late: 0, worstLateMs: 0, frames: 0 };
  let second = 0;
  let ticks = 0;

  const fault = (rule: Rule, detail: string): void => {
    book.count++;
    if (book.violations.length < KEPT) book.violations.push({ rule, atMs: now(), viewer: of.viewer, detail });
  };

  const answer = (request: RequestId, how: string): OpenWant | undefined => {
    const want = wants.get(request);
    if (want === undefined) fault("answered-once", `${how} request ${request}, which is not open`);
    wants.delete(request);
    return want;
  };

  const noteLate = (want: OpenWant): void => {
    if (now() <= want.deadline || want.deadline <= want.at) return;
    counts.late++;
    counts.worstLateMs = Math.max(counts.worstLateMs, now() - want.deadline);
  };

  const delivered = (effect: Extract<Effect, { t: "deliver" }>): void => {
    const want = answer(effect.request, "delivered");
    if (want === undefined) return;
    noteLate(want);
    const media = stream.ofKey(effect.report.key);
    if (media.id !== want.segment) fault("right-bytes", `${media.id} delivered for ${want.segment}`);
    const right = media.blocks.length === effect.blocks.length && media.blocks.every((b, i) => b === effect.blocks[i]);
    if (!right) fault("right-bytes", `${media.id} was delivered with other blocks`);
    for (const block of effect.blocks) deliveredBytes += block.byteLength;
  };

  const sent = (peer: PeerId, frame: Frame, dropped: ReadonlySet<PeerId>): void => {
    counts.frames++;
    if (!peers.has(peer)) fault("closed-peer", `${frame.t} to ${peer}, whose link is closed`);
    else if (dropped.has(peer)) fault("closed-peer", `${frame.t} to ${peer}, after it was dropped`);
    if (frame.t === "block") uploaded += frame.bytes.byteLength;
    else checkFrame(frame);
  };

  const checkFrame = (frame: Frame): void => {
    // `have` is by far the commonest and the simplest.
    if (frame.t === "have" && frame.from + frame.count <= stream.ofKey(frame.key).blocks.length) return;
    try {
      encodeFrame(frame);
    } catch (error) {
      fault("frame", `${frame.t} cannot be encoded: ${String(error)}`);
    }
  };

  const bought = (effect: Extract<Effect, { t: "cdn-get" }>): void => {
    const id = segmentId(effect.key);
    if (!isAwaited(id)) fault("cdn-on-demand", `${id}, which nobody wants`);
    if ([...running.values()].includes(id)) fault("cdn-on-demand", `${id} is being fetched already`);
    running.set(effect.fetch, id);
  };

  const isAwaited = (id: SegmentId): boolean => {
    for (const want of wants.values()) if (want.segment === id) return true;
    return false;
  };

  const checkRunning = (): void => {
    for (const id of running.values()) if (!isAwaited(id)) fault("cdn-on-demand", `${id} is still fetched`);
  };

  const checkStore = (): void => {
    if (engine.storedBytes() <= of.storeBytes) return;
    const excused = new Set([...running.values(), ...[...wants.values()].map((want) => want.segment)]);
    let excess = engine.storedBytes() - of.storeBytes;
    for (const id of excused) excess -= stream.segment(Number(id.split("/")[1])).bytes;
    if (excess > 0) fault("store-limit", `${engine.storedBytes()} bytes`);
  };

  const note = (event: EngineEvent): void => {
    if (event.t === "want") {
      wants.set(event.request, { segment: segmentId(event.key), deadline: event.deadline, at: now() });
    } else if (event.t === "abandon") answer(event.request, "abandoned");
    else if (event.t === "peer-open") peers.add(event.peer);
    else if (event.t === "peer-closed") peers.delete(event.peer);
  };

  const check = (effects: readonly Effect[]): void => {
    let dropped = NOBODY;
    for (const effect of effects) {
      if (effect.t === "send") sent(effect.peer, effect.frame, dropped);
      else if (effect.t === "deliver") delivered(effect);
      else if (effect.t === "fail") answer(effect.request, "failed");
      else if (effect.t === "cdn-get") bought(effect);
      else if (effect.t === "cdn-abort") running.delete(effect.fetch);
      else if (effect.t === "drop") {
        if (!peers.has(effect.peer)) fault("closed-peer", `drop of ${effect.peer}, whose link is closed`);
        dropped = new Set([...dropped, effect.peer]);
      }
    }
  };

  const checkWake = (event: EngineEvent): void => {
    const wakeAt = engine.wakeAt();
    if (Number.isNaN(wakeAt)) fault("wake", "wakeAt is not a number");
    if (event.t !== "tick") return;
    const current = Math.floor(now() / 1000);
    if (current !== second) ticks = 0;
    second = current;
    ticks++;
    if (ticks === MOST_TICKS) fault("wake", `${MOST_TICKS} ticks within a second`);
    if (now() - wakeAt > ROUNDING_MS) fault("wake", `after a tick it wants one ${now() - wakeAt} ms ago`);
  };

  return {
    counts,
    handled(event, effects) {
      note(event);
      check(effects);
      checkRunning();
      checkStore();
      checkWake(event);
    },
    cdnBytes: (bytes) => {
      fromCdn += bytes;
    },
    transferOver: (fetch) => void running.delete(fetch),
    finish(untold) {
      for (const want of wants.values()) noteLate(want);
      const totals = engine.totals();
      const reasons = (Object.keys(totals.cdnReasons) as CdnReason[]).reduce((sum, r) => sum + totals.cdnReasons[r], 0);
      if (reasons !== totals.cdn) fault("ledger", `reasons add up to ${reasons}, but ${totals.cdn} came from the CDN`);
      if (totals.cdn + untold !== fromCdn) fault("ledger", `CDN ${totals.cdn} + ${untold}, but it sent ${fromCdn}`);
      if (totals.played !== deliveredBytes) fault("ledger", `played ${totals.played}, but ${deliveredBytes} delivered`);
      if (totals.uploaded !== uploaded) fault("ledger", `uploaded ${totals.uploaded}, but ${uploaded} sent`);
    },
  };
}

const NOBODY: ReadonlySet<PeerId> = new Set();
