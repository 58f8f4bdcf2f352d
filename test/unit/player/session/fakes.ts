import type { Effect, Engine, EngineEvent, FillReport, Millis } from "../../../../player/engine/types.ts";
import { renditionId, type SegmentKey } from "../../../../player/protocol/index.ts";
import { NO_SHARES, NOTHING } from "../../../../player/session/accounts.ts";
import type {
  Cdn,
  CdnSource,
  CdnTransferEvents,
  Clock,
  Mesh,
  MeshEvents,
  TrackerLink,
  TrackerLinkEvents,
} from "../../../../player/session/ports.ts";
import type { Digest, PeerId, TrackerMessage, ViewerMessage } from "../../../../tracker/protocol/index.ts";
import type { Caution } from "../../../../worker/protocol/index.ts";

/** A clock that stands still until it is told to go on. */
export function manualClock(start = 1000): Clock & { readonly advance: (ms: Millis) => void; timers: () => number } {
  let now = start;
  let timers: { at: Millis; callback: () => void }[] = [];
  return {
    now: () => now,
    after: (ms, callback) => {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: (ms) => {
      const until = now + ms;
      for (;;) {
        const due = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        now = Math.max(now, due.at);
        due.callback();
      }
      now = until;
    },
    timers: () => timers.length,
  };
}

/** An engine that answers each event with what `react` says, and remembers all events. */
export function scriptedEngine(
  react: (event: EngineEvent) => readonly Effect[] = () => [],
): { -readonly [Of in keyof Engine]: Engine[Of] } & { events: EngineEvent[]; wake: Millis } {
  const engine = {
    events: [] as EngineEvent[],
    wake: Number.POSITIVE_INFINITY,
    handle: (event: EngineEvent) => {
      engine.events.push(event);
      return react(event);
    },
    wakeAt: () => engine.wake,
    totals: () => NOTHING,
    shares: () => NO_SHARES,
    neighbours: () => [],
    offers: () => 0,
    storedBytes: () => 0,
    caution: (): Caution => "none",
  };
  return engine;
}

export type FakeMesh = Mesh & { events: MeshEvents; calls: [string, ...unknown[]][] };

/** A mesh that remembers what it was asked to do. */
export function fakeMesh(): { make: (events: MeshEvents) => Mesh; mesh: () => FakeMesh } {
  let made: FakeMesh | undefined;
  const make = (events: MeshEvents): Mesh => {
    const calls: FakeMesh["calls"] = [];
    const note =
      (name: string) =>
      (...args: unknown[]): void =>
        void calls.push([name, ...args]);
    made = {
      events,
      calls,
      setIceServers: note("setIceServers"),
      call: note("call"),
      expect: note("expect"),
      signal: note("signal"),
      send: (peer, bytes) => {
        calls.push(["send", peer, bytes]);
        return true;
      },
      drop: note("drop"),
      close: note("close"),
    };
    return made;
  };
  return { make, mesh: () => existing(made) };
}

export type FakeLink = TrackerLink & { events: TrackerLinkEvents; sent: ViewerMessage[]; signals: [string, string][] };

/** A tracker link that remembers what was sent. */
export function fakeLink(): {
  make: (events: TrackerLinkEvents) => TrackerLink;
  link: () => FakeLink;
  closed: () => boolean;
} {
  let made: FakeLink | undefined;
  let closed = false;
  const make = (events: TrackerLinkEvents): TrackerLink => {
    const sent: ViewerMessage[] = [];
    const signals: [string, string][] = [];
    made = {
      events,
      sent,
      signals,
      join: () => void sent.push(events.join()),
      send: (message) => sent.push(message) > 0,
      signal: (to, payload) => signals.push([to, payload]) > 0,
      close: () => {
        closed = true;
      },
    };
    return made;
  };
  return { make, link: () => existing(made), closed: () => closed };
}

export type FakeTransfer = {
  readonly source: CdnSource;
  readonly from: number;
  readonly to: number | undefined;
  readonly events: CdnTransferEvents;
  aborted: boolean;
};

/** A CDN whose transfers are played by the test. `stray`: what an abort says had come in besides whole blocks. */
export function fakeCdn(stray = 0): Cdn & { transfers: FakeTransfer[] } {
  const transfers: FakeTransfer[] = [];
  return {
    transfers,
    get: (source, from, to, events) => {
      const transfer: FakeTransfer = { source, from, to, events, aborted: false };
      transfers.push(transfer);
      return {
        abort: () => {
          transfer.aborted = true;
          return { stray };
        },
      };
    },
  };
}

/** Digests that are settled one by one, in the order the test likes. */
export function slowHash(): {
  hash: (bytes: Uint8Array) => Promise<Digest>;
  settle: (index: number) => Promise<void>;
  fail: (index: number, error: Error) => Promise<void>;
} {
  const waiting: { resolve: (digest: Digest) => void; reject: (error: Error) => void; digest: Digest }[] = [];
  return {
    hash: (bytes) => new Promise((resolve, reject) => waiting.push({ resolve, reject, digest: digestOf(bytes) })),
    settle: async (index) => {
      const one = existing(waiting[index]);
      one.resolve(one.digest);
      await settled();
    },
    fail: async (index, error) => {
      existing(waiting[index]).reject(error);
      await settled();
    },
  };
}

/** All promises that are settled by now have been heard. */
export const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

/** Stands in for a digest: the first byte. */
export const digestOf = (bytes: Uint8Array): Digest => `digest-${bytes[0]}` as Digest;
export const quickHash = (bytes: Uint8Array): Promise<Digest> => Promise.resolve(digestOf(bytes));

export const ALICE = "aaaaAAAAAAAAAAAAAAAAAA" as PeerId;
export const BOB = "bbbbBBBBBBBBBBBBBBBBBB" as PeerId;
export const KEY: SegmentKey = { rendition: renditionId("v.720.1300000.avc"), msn: 7 };
export const SOURCE: CdnSource = {
  url: "https://cdn.example/7.ts",
  headers: {},
  withCredentials: false,
  firstByteMs: 10_000,
  totalMs: 120_000,
};

export const reportOf = (bytes: number, over: Partial<FillReport> = {}): FillReport => ({
  key: KEY,
  bytes,
  cdnBytes: 0,
  peerBytes: bytes,
  relayBytes: 0,
  peers: new Map(),
  reason: undefined,
  tookMs: 10,
  cdnTransfer: { bytes: 0, ms: 0, firstByteMs: 0 },
  ...over,
});

export const WELCOME: TrackerMessage = {
  t: "welcome",
  v: 1,
  id: ALICE,
  size: 2,
  neighbours: [{ id: BOB, near: "lan", upload: "share" }],
  iceServers: [{ urls: ["stun:stun.example"] }],
  policy: { mode: "share", group: "p2p", uploadBitsPerSecond: 5_000_000, sampleMs: 5000 },
};

/** The value, which must be there. */
export function existing<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected a value, found none");
  return value;
}

/** A callback that must not be called. */
export const unexpected = (...args: unknown[]): never => {
  throw new Error(`called unexpectedly with ${args.map(String).join(", ")}`);
};
