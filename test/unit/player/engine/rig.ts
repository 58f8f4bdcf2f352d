import type { Effect, EngineLimits } from "../../../../player/engine/types.ts";
import { PEER_LIMITS, type SegmentKey, segmentId } from "../../../../player/protocol/index.ts";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import { block, digest, engineHarness, key, peerId } from "../../../support/engine-harness.ts";

export const BLOCK = PEER_LIMITS.blockBytes;
/** Blocks of every segment here, and its bytes: 2.1 Mbit/s where it plays for 4 s. */
export const BLOCKS = 16;
export const BYTES = BLOCKS * BLOCK;

/** What the CDN does for each transfer, whatever else is under way. */
export type Cdn = {
  readonly firstByteMs: number;
  readonly bytesPerMs: number;
  /** It sends whole segments, whatever was asked for. */
  readonly ignoresRange?: boolean;
};
/** A CDN of so many bytes a millisecond. */
export const cdnOf = (bytesPerMs: number): Cdn => ({ firstByteMs: 40, bytesPerMs });
/** 40 Mbit/s. */
export const FAST = cdnOf(5000);
/** A CDN that sends nothing any more. */
export const SILENT: Cdn = { firstByteMs: Number.POSITIVE_INFINITY, bytesPerMs: 0 };

/** How finely the CDN's time goes by, in milliseconds. */
const STEP_MS = 20;

type Get = Extract<Effect, { t: "cdn-get" }>;
type Run = { next: number; opened: boolean; readonly since: number };
type Options = {
  readonly live?: boolean;
  readonly size?: number;
  readonly cdn?: Cdn;
  readonly limits?: Partial<EngineLimits>;
};

/** A viewer of segments of 16 blocks, with a CDN that takes its time. */
export function viewer(name: string, { cdn = FAST, limits = {}, ...joins }: Options = {}) {
  const h = engineHarness({ neighbours: 16, blocksQueuedPerLink: BLOCKS, ...limits });
  h.join(joins);
  h.tell({ t: "joined", self: peerId(name) });
  const running = new Map<Get, Run>();
  /** Blocks sent so far, by request. */
  const answered = new Map<object, number>();
  let speed = cdn;
  let begun = 0;

  /** Transfers that are asked for and not done or stopped. */
  const transfers = (): ReadonlyMap<Get, Run> => {
    const gets = h.of("cdn-get");
    for (const get of gets.slice(begun))
      running.set(get, { next: rangeOf(get).from / BLOCK, opened: false, since: h.now() });
    begun = gets.length;
    const stopped = new Set(h.of("cdn-abort").map(({ fetch }) => fetch));
    for (const get of running.keys()) if (stopped.has(get.fetch)) running.delete(get);
    return running;
  };

  const rangeOf = ({ from, to = BYTES }: Get) => (speed.ignoresRange === true ? { from: 0, to: BYTES } : { from, to });

  const bring = (get: Get, run: Run): void => {
    const { fetch } = get;
    const { from, to } = rangeOf(get);
    const ms = h.now() - run.since - speed.firstByteMs;
    if (ms < 0) return;
    const end = Math.min(to, from + ms * speed.bytesPerMs) / BLOCK;
    const runsOn = get.to !== undefined && to > get.to;
    if (!run.opened) h.tell({ t: "cdn-opened", fetch, bytes: BYTES, from, runsOn });
    run.opened = true;
    for (; run.next + 1 <= end && transfers().has(get); run.next++) {
      h.cdnBlock(get, run.next, digest(segmentId(get.key), run.next), block(run.next, BYTES));
    }
    if (run.next * BLOCK < to || !transfers().has(get)) return;
    running.delete(get);
    h.tell({ t: "cdn-done", fetch, stray: 0 });
  };

  /** Sends the blocks that are asked for, in order, those that are asked for meanwhile included: all of them, or the first `most`. */
  const serves = (peer: PeerId, most = Number.POSITIVE_INFINITY): void => {
    for (let left = most; left > 0; left--) {
      const cancelled = new Set(h.frames("cancel").flatMap((c) => (c.peer === peer ? [c.frame.id] : [])));
      const open = h
        .frames("request")
        .find(
          ({ frame, ...r }) => r.peer === peer && !cancelled.has(frame.id) && (answered.get(frame) ?? 0) < frame.count,
        );
      if (open === undefined) return;
      const { frame } = open;
      const done = answered.get(frame) ?? 0;
      answered.set(frame, done + 1);
      const index = frame.from + done;
      const hash = digest(segmentId(frame.key), index);
      h.says(peer, { t: "block", id: frame.id, index, bytes: block(index, BYTES) }, hash);
    }
  };

  return {
    ...h,
    /** Every transfer that is under way fails, as the CDN answers 503. Returns how many did. */
    fails(): number {
      const open = [...transfers().keys()];
      for (const get of open) {
        running.delete(get);
        h.tell({ t: "cdn-failed", fetch: get.fetch, stray: 0, fault: { kind: "http", status: 503 } });
      }
      return open.length;
    },
    /** Lets time pass; the CDN brings what is due. */
    pass(ms: number) {
      for (const until = h.now() + ms; h.now() < until; ) {
        // Nothing new is asked of an idle CDN before the engine's next tick.
        const step = transfers().size > 0 ? STEP_MS : Math.max(1, h.engine.wakeAt() - h.now());
        h.pass(Math.min(step, until - h.now()));
        for (const [get, run] of transfers()) bring(get, run);
      }
    },
    /** From now on the CDN does this. */
    becomes(other: Cdn) {
      speed = other;
    },
    knows: (k: SegmentKey) => h.knows(k, BYTES),
    offers: (peer: PeerId, k: SegmentKey, from = 0, count = BLOCKS) => h.offers(peer, k, from, count, BYTES),
    serves,
    /** Blocks of a segment that were asked of neighbours, in that order. */
    asked: (k: SegmentKey): number[] =>
      h
        .frames("request")
        .filter(({ frame }) => segmentId(frame.key) === segmentId(k))
        .flatMap(({ frame }) => Array.from({ length: frame.count }, (_, i) => frame.from + i)),
    /** Blocks of a segment that were asked of the CDN, by transfer. */
    bought: (k: SegmentKey): number[][] =>
      h
        .of("cdn-get")
        .filter((get) => segmentId(get.key) === segmentId(k))
        .map(({ from, to = BYTES }) => Array.from({ length: (to - from) / BLOCK }, (_, i) => from / BLOCK + i)),
  };
}

export type Viewer = ReturnType<typeof viewer>;

/** Opens so many neighbours, at least one, that hold nothing yet. */
export function neighbours(v: Viewer, count: number): readonly [PeerId, ...PeerId[]] {
  return [v.peer("n0"), ...Array.from({ length: count - 1 }, (_, i) => v.peer(`n${i + 1}`))];
}

/** Plays a segment that is wanted 8 s before its deadline, from what these neighbours have of it and the CDN. */
export function plays(v: Viewer, peers: readonly PeerId[], msn: number): void {
  const before = v.of("deliver").length;
  v.wants(key(msn), 8000);
  v.knows(key(msn));
  for (let ms = 0; ms < 8000 && v.of("deliver").length === before; ms += 100) {
    for (const peer of peers) v.serves(peer);
    v.pass(100);
  }
  if (v.of("deliver").length === before) throw new Error(`segment ${msn} did not come in time`);
}

/**
 * Plays the first segments, of which the neighbour has but one half, so that the other is bought at the last moment. Returns
 * the next media sequence number.
 */
export function fallsShort(v: Viewer, peer: PeerId, count: number): number {
  for (let msn = 1; msn <= count; msn++) {
    v.offers(peer, key(msn), 0, BLOCKS / 2);
    plays(v, [peer], msn);
  }
  return count + 1;
}
