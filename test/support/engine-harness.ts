import { createEngine } from "../../player/engine/engine.ts";
import type { Effect, EngineEvent, EngineLimits, LinkPath } from "../../player/engine/types.ts";
import {
  blockCount,
  blockSize,
  type Frame,
  PEER_PROTOCOL_VERSION,
  renditionId,
  type SegmentKey,
  segmentId,
} from "../../player/protocol/index.ts";
import type { Digest, PeerId, SegmentId } from "../../tracker/protocol/index.ts";

export const HD = renditionId("hd");
export const key = (msn: number, rendition = HD): SegmentKey => ({ rendition, msn });
/** Three whole blocks and a short one. */
export const SEGMENT_BYTES = 3 * 65_536 + 1000;

export const peerId = (name: string): PeerId => `node${name.padEnd(18, "_")}`.slice(0, 22) as PeerId;
/** What the right bytes of a block hash to, in a world where hashing is naming. */
export const digest = (id: SegmentId, index: number): Digest => `${id}#${index}`.padEnd(22, "_").slice(-22) as Digest;
export const digestsOf = (k: SegmentKey, bytes = SEGMENT_BYTES): Digest[] =>
  Array.from({ length: blockCount(bytes) }, (_, i) => digest(segmentId(k), i));
export const block = (index: number, bytes = SEGMENT_BYTES): Uint8Array => new Uint8Array(blockSize(bytes, index));

export const LIMITS: EngineLimits = {
  storeBytes: 32 * 1024 * 1024,
  neighbours: 12,
  blocksInFlight: 48,
  prefetchMs: 60_000,
  blocksQueuedPerLink: 2,
  uploadRatio: Number.POSITIVE_INFINITY,
};

type Of<T extends Effect["t"]> = Extract<Effect, { t: T }>;

/** One engine, told events one at a time, with what it did so far. */
export function engineHarness(limits: Partial<EngineLimits> = {}) {
  const engine = createEngine({ limits: { ...LIMITS, ...limits }, now: 0 });
  const log: Effect[] = [];
  let now = 0;
  let requests = 0;
  const answered = new Set<Frame>();

  const tell = (event: EngineEvent): readonly Effect[] => {
    const effects = engine.handle(event, now);
    log.push(...effects);
    return effects;
  };
  const of = <T extends Effect["t"]>(t: T): Of<T>[] => log.filter((e): e is Of<T> => e.t === t);
  const frames = <T extends Frame["t"]>(t: T): { peer: PeerId; frame: Extract<Frame, { t: T }> }[] =>
    of("send").flatMap(({ peer, frame }) =>
      frame.t === t ? [{ peer, frame: frame as Extract<Frame, { t: T }> }] : [],
    );

  /** A block comes from the CDN, and its digest. */
  const cdnBlock = ({ fetch, key: k }: Of<"cdn-get">, index: number, hash: Digest, bytes = block(index)): void => {
    tell({ t: "cdn-block", fetch, index, bytes });
    tell({ t: "cdn-digest", fetch, segment: segmentId(k), index, digest: hash });
  };

  return {
    engine,
    tell,
    cdnBlock,
    of,
    frames,
    now: () => now,
    /** Lets time pass, with a tick whenever the engine asked for one. */
    pass(ms: number) {
      const until = now + ms;
      for (let ticks = 0; engine.wakeAt() <= until; ticks++) {
        if (ticks > 10_000) throw new Error("the engine wants ticks without end");
        now = Math.max(now, engine.wakeAt());
        tell({ t: "tick" });
      }
      now = until;
    },
    /** Time passes, but the page is too busy for a tick until its end. */
    freeze(ms: number) {
      now += ms;
      tell({ t: "tick" });
    },
    /** In a swarm, with the tracker up and a playlist known. */
    join(options: { live?: boolean; size?: number } = {}) {
      tell({ t: "tracker", state: "up" });
      tell({ t: "joined", self: peerId("me") });
      tell({ t: "swarm", size: options.size ?? 2 });
      tell({ t: "mode", mode: "share", uploadBitsPerSecond: 100_000_000 });
      tell({ t: "playlist", rendition: HD, live: options.live ?? false, first: 0, last: 99, segmentMs: 4000 });
    },
    /** A neighbour opens, says hello and what it holds. */
    peer(name: string, path: LinkPath = "direct", holds: readonly SegmentKey[] = []): PeerId {
      const peer = peerId(name);
      const entries = holds.map((k) => ({ key: k, bytes: SEGMENT_BYTES, blocks: "all" as const }));
      tell({ t: "peer-open", peer, near: "lan", path });
      tell({ t: "frame", peer, frame: { t: "hello", version: PEER_PROTOCOL_VERSION, upload: "share", ageMs: 0 } });
      tell({ t: "frame", peer, frame: { t: "map", entries } });
      return peer;
    },
    says(peer: PeerId, frame: Frame, hash?: Digest) {
      return tell(hash === undefined ? { t: "frame", peer, frame } : { t: "frame", peer, frame, digest: hash });
    },
    offers(peer: PeerId, k: SegmentKey, from = 0, count = 4, bytes = SEGMENT_BYTES) {
      return tell({ t: "frame", peer, frame: { t: "have", key: k, bytes, from, count } });
    },
    wants(k: SegmentKey, inMs: number, start = false): number {
      requests++;
      tell({ t: "want", request: requests, key: k, deadline: now + inMs, start });
      return requests;
    },
    knows(k: SegmentKey, bytes = SEGMENT_BYTES) {
      const digests = digestsOf(k, bytes);
      return tell({ t: "digests", segment: segmentId(k), verdict: "agreed", bytes, digests });
    },
    /** Answers every request of the engine to this neighbour as an honest one does, those that follow included. */
    serves(peer: PeerId): number {
      let sent = 0;
      for (let at = 0; at < frames("request").length; at++) {
        const asked = frames("request")[at];
        if (asked === undefined || asked.peer !== peer || answered.has(asked.frame)) continue;
        answered.add(asked.frame);
        const { id, key: k, from, count } = asked.frame;
        for (let i = from; i < from + count; i++) {
          const hash = digest(segmentId(k), i);
          tell({ t: "frame", peer, frame: { t: "block", id, index: i, bytes: block(i) }, digest: hash });
          sent++;
        }
      }
      return sent;
    },
    /** Carries a transfer out from block `from` to before `to`, and ends it. */
    cdn(get: Of<"cdn-get">, bytes = SEGMENT_BYTES, from = get.from / 65_536) {
      tell({ t: "cdn-opened", fetch: get.fetch, bytes, from: from * 65_536, runsOn: false });
      const end = get.to === undefined ? blockCount(bytes) : get.to / 65_536;
      for (let i = from; i < end; i++) {
        const d = digest(segmentId(get.key), i);
        cdnBlock(get, i, d, block(i, bytes));
      }
      tell({ t: "cdn-done", fetch: get.fetch, stray: 0 });
    },
  };
}
