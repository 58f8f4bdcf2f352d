import type { Effect, Engine, EngineEvent, FetchId, RequestId } from "../../player/engine/types.ts";
import { createEncoder, type Frame, type SegmentKey, segmentId } from "../../player/protocol/index.ts";
import type { PeerId, SegmentId } from "../../tracker/protocol/index.ts";
import type { Fault } from "./book.ts";
import type { Stream } from "./media.ts";
import { createReach } from "./reach.ts";

/** Ticks of one viewer in one second of virtual time that are taken for a busy loop. */
const MOST_TICKS = 300;
/** Sums of times are rounded, so that something may seem due in the moment it was looked at. It is looked at again 1 ms later. */
const ROUNDING_MS = 0.001;

/** What hls.js waits for. */
export type OpenWant = { readonly segment: SegmentId; readonly deadline: number; readonly at: number };

/** The rules that need a look at every event. */
export type Watch = {
  readonly before: (event: EngineEvent) => void;
  readonly carriedOut: (effect: Effect) => void;
  readonly delivered: (effect: Extract<Effect, { t: "deliver" }>, wanted: SegmentId) => void;
  readonly after: (event: EngineEvent) => void;
  readonly transferOver: (fetch: FetchId) => void;
};

export function createWatch(of: {
  readonly now: () => number;
  readonly engine: Engine;
  readonly stream: Stream;
  readonly storeBytes: number;
  /** Kept by the audit. */
  readonly wants: ReadonlyMap<RequestId, OpenWant>;
  readonly fault: Fault;
}): Watch {
  const { engine, now, stream, wants, fault } = of;
  /** Transfers under way; `awaited` once hls.js has asked for the segment. */
  const running = new Map<FetchId, { readonly key: SegmentKey; awaited: boolean }>();
  const reach = createReach(now);
  const peers = new Set<PeerId>();
  /** Let go in the effects of this event. */
  const dropped = new Set<PeerId>();
  const encode = createEncoder();
  let encoded: Frame | undefined;
  let second = 0;
  let ticks = 0;

  const sent = (peer: PeerId, frame: Frame): void => {
    if (!peers.has(peer)) fault("closed-peer", `${frame.t} to ${peer}, whose link is closed`);
    else if (dropped.has(peer)) fault("closed-peer", `${frame.t} to ${peer}, after it was dropped`);
    if (frame.t !== "block") checkFrame(frame);
  };

  const checkFrame = (frame: Frame): void => {
    // One frame often goes to all neighbours.
    if (frame === encoded) return;
    encoded = frame;
    // `have` is by far the commonest and the simplest.
    if (frame.t === "have" && frame.from + frame.count <= stream.ofKey(frame.key).blocks.length) return;
    try {
      encode(frame);
    } catch (error) {
      fault("frame", `${frame.t} cannot be encoded: ${String(error)}`);
    }
  };

  const bought = (effect: Extract<Effect, { t: "cdn-get" }>): void => {
    const id = segmentId(effect.key);
    if (!isAwaited(id) && !reach.takesIn(effect.key)) fault("cdn-on-demand", `${id}, which nobody wants`);
    for (const other of running.values()) {
      if (segmentId(other.key) === id) fault("cdn-on-demand", `${id} is being fetched already`);
    }
    running.set(effect.fetch, { key: effect.key, awaited: false });
  };

  const isAwaited = (id: SegmentId): boolean => {
    for (const want of wants.values()) if (want.segment === id) return true;
    return false;
  };

  const checkStore = (): void => {
    let excess = engine.storedBytes() - of.storeBytes;
    if (excess <= 0) return;
    const excused = new Set([
      ...[...running.values()].map(({ key }) => segmentId(key)),
      ...[...wants.values()].map((w) => w.segment),
    ]);
    for (const id of excused) excess -= stream.ofId(id).bytes;
    if (excess > 0) fault("store-limit", `${engine.storedBytes()} bytes`);
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
    before(event) {
      reach.note(event);
      if (event.t === "peer-open") peers.add(event.peer);
      else if (event.t === "peer-closed") peers.delete(event.peer);
      if (dropped.size > 0) dropped.clear();
    },
    carriedOut(effect) {
      if (effect.t === "send") sent(effect.peer, effect.frame);
      else if (effect.t === "cdn-get") bought(effect);
      else if (effect.t === "cdn-abort") running.delete(effect.fetch);
      else if (effect.t === "drop") {
        if (!peers.has(effect.peer)) fault("closed-peer", `drop of ${effect.peer}, whose link is closed`);
        dropped.add(effect.peer);
      }
    },
    delivered(effect, wanted) {
      const media = stream.ofKey(effect.report.key);
      if (media.id !== wanted) fault("right-bytes", `${media.id} delivered for ${wanted}`);
      const { blocks } = effect;
      const right = media.blocks.length === blocks.length && media.blocks.every((block, i) => block === blocks[i]);
      if (!right) fault("right-bytes", `${media.id} was delivered with other blocks`);
    },
    after(event) {
      if (running.size > 0) {
        for (const transfer of running.values()) {
          const id = segmentId(transfer.key);
          if (isAwaited(id)) transfer.awaited = true;
          else if (transfer.awaited || !reach.isAhead(transfer.key)) fault("cdn-on-demand", `${id} is still fetched`);
        }
      }
      checkStore();
      checkWake(event);
    },
    transferOver: (fetch) => void running.delete(fetch),
  };
}
