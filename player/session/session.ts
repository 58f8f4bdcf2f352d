import type { Digest, Join, PeerId, Policy, SegmentId, Upload } from "../../tracker/protocol/index.ts";
import type { Caution, CdnReason, Sample } from "../../worker/protocol/index.ts";
import type { Engine, EngineEvent, FillReport, NeighbourView, Shares, Totals } from "../engine/types.ts";
import { type Frame, type SegmentKey, segmentId } from "../protocol/index.ts";
import { createAccounts, NO_SHARES, NOTHING } from "./accounts.ts";
import { carryOut } from "./carry-out.ts";
import { createCdnSide } from "./cdn-side.ts";
import { createDiskSide } from "./disk-side.ts";
import { createDriver } from "./driver.ts";
import { guarded } from "./guarded.ts";
import { createMeshSide } from "./mesh-side.ts";
import type { Cdn, CdnSource, Clock, Disk, Mesh, MeshEvents, TrackerLink, TrackerLinkEvents } from "./ports.ts";
import { createRequests, type OpenWish, type Wish, type WishEvents } from "./requests.ts";
import { createTrackerSide, type Willing } from "./tracker-side.ts";

/** Segments whose CDN address is remembered: the engine may still buy one that hls.js has given up. */
const MOST_SOURCES = 128;

/** The swarm is joined at the first frame, or this long after the session began when there is none, in milliseconds. */
export const JOIN_AFTER_MS = 1500;

/**
 * The engine hears of links that were hung up so much later, in milliseconds: on a page that is really gone, never. It would buy what
 * neighbours were to bring, for nobody.
 */
const TOLD_MS = 1000;

export type SessionParts = {
  readonly engine: Engine;
  readonly makeMesh: (events: MeshEvents) => Mesh;
  readonly makeTrackerLink: (events: TrackerLinkEvents) => TrackerLink;
  readonly cdn: Cdn;
  readonly openDisk: () => Promise<Disk | undefined>;
  readonly hash: (bytes: Uint8Array) => Promise<Digest>;
  readonly encode: (frame: Frame) => Uint8Array;
  /** Throws a `FrameError`, and nothing else, for bytes that are no frame. */
  readonly decode: (bytes: Uint8Array) => Frame;
  readonly clock: Clock;
  /** What to tell the tracker on joining; asked for each time. */
  readonly join: () => Omit<Join, "upload" | "resume" | "have">;
  readonly willing: Willing;
  readonly listener: SessionListener;
};

/** What the session tells those around it. A listener must not throw. */
export type SessionListener = {
  readonly onSegment: (report: FillReport) => void;
  /** Neighbours came or went. */
  readonly onPeers: () => void;
  /** `off`: the session has switched itself off after a fault of its own; everything comes from the CDN. */
  readonly onState: (state: SessionState, detail: string) => void;
  readonly onPolicy: (policy: Policy) => void;
  /** The tracker has these samples. */
  readonly onReported: (seqs: readonly number[]) => void;
};

export type SessionState = "connecting" | "up" | "down" | "refused" | "off";

/** One viewer of one stream: an engine and the ports around it. Knows neither hls.js nor the DOM. */
export type SessionCore = {
  /** Tells the engine where playback is, or that the device cannot keep up. */
  readonly playback: (event: Extract<EngineEvent, { t: "playlist" | "playhead" | "overload" }>) => void;
  /** Tells where the CDN has a segment that is listed and was not asked for yet. */
  readonly sourcesFrom: (lookUp: (key: SegmentKey) => CdnSource | undefined) => void;
  /** Asks for a segment. */
  readonly open: (wish: Wish, events: WishEvents) => OpenWish;
  /** Counts CDN bytes that did not go through the engine; `played` of them were of use. */
  readonly countBought: (bytes: number, reason: CdnReason, played: number) => void;
  readonly setUpload: (upload: Upload) => void;
  /** The first frame is on the screen. */
  readonly started: () => void;
  /** False when the tracker cannot be reached now. */
  readonly report: (samples: readonly Sample[]) => boolean;
  readonly state: () => SessionState;
  readonly totals: () => Totals;
  /** What of it came from and went to which neighbours. */
  readonly shares: () => Shares;
  /** Bytes of the mesh's own protocol, both ways. */
  readonly overhead: () => number;
  /** The viewer's own id in the swarm. */
  readonly self: () => PeerId | undefined;
  readonly resume: () => string | undefined;
  /** What this viewer may send now, in bits per second. */
  readonly uplink: () => number;
  /** How far this viewer has backed off. */
  readonly caution: () => Caution;
  readonly neighbours: () => readonly NeighbourView[];
  /** How many neighbours offer this segment. */
  readonly offers: (key: SegmentKey) => number;
  readonly swarmSize: () => number;
  readonly storedBytes: () => number;
  /** Ends the links to all neighbours, who would else hope for this viewer until ICE gives it up. The tracker may name them again. */
  readonly hangUp: () => void;
  /** Leaves the swarm. `finish`: what is open is loaded from the CDN; `drop`: nobody waits for it. */
  readonly close: (open: "finish" | "drop") => void;
};

/**
 * Starts a session. The connection to the tracker opens at once; the swarm is joined when the first picture, which needs the
 * processor more, is there. A fault of ours never stops the video: all then comes from the CDN.
 */
export function createSession(parts: SessionParts): SessionCore {
  const { clock, engine, listener } = parts;
  const accounts = createAccounts();
  const sources = new Map<SegmentId, CdnSource>();
  let listedAt = (_: SegmentKey): CdnSource | undefined => undefined;
  let state: SessionState = "connecting";
  let lastTotals = NOTHING;
  let lastShares = NO_SHARES;
  let cancelStart = (): void => undefined;

  const setState = (next: SessionState, detail: string): void => {
    state = next;
    listener.onState(next, detail);
  };

  /** Ends everything but the loading of segments. Each step is tried: a broken part must not keep the others open. */
  const shutDown = (open: "finish" | "drop"): void => {
    driver.stop();
    cancelStart();
    const steps = [
      () => accounts.buy(cdnSide.close(), "p2pOff", 0),
      () => meshSide.close(),
      () => disk.close(),
      () => tracker.link.close(),
      () => (open === "finish" ? requests.goDirect() : requests.dropAll()),
    ];
    for (const step of steps) guarded(complain, step)();
  };

  const complain = (error: unknown): void => listener.onState(state, `while closing: ${said(error)}`);

  const onFault = (error: unknown): void => {
    if (state === "off") return;
    state = "off";
    shutDown("finish");
    listener.onState("off", `peer delivery switched itself off: ${said(error)}`);
  };

  const driver = createDriver({
    engine,
    clock,
    carryOut: (effect) => carryOut({ mesh: meshSide, cdn: cdnSide, requests, tracker, disk }, effect),
    onFault,
  });
  const feed = driver.feed;

  const disk = createDiskSide({ openDisk: parts.openDisk, feed });

  const cdnSide = createCdnSide({
    cdn: parts.cdn,
    hash: parts.hash,
    sourceOf: (key) => sources.get(segmentId(key)) ?? listedAt(key),
    clock,
    feed,
    onFault,
  });

  const requests = createRequests({
    cdn: parts.cdn,
    clock,
    feed,
    cdnProgress: cdnSide.progress,
    onStuck: (wish) => onFault(new Error(`nothing was done for ${segmentId(wish.key)}`)),
    onFilled: listener.onSegment,
    onDirectBytes: (bytes, played) => accounts.buy(bytes, "p2pOff", played),
  });

  const meshSide = createMeshSide({
    makeMesh: parts.makeMesh,
    encode: parts.encode,
    decode: parts.decode,
    hash: parts.hash,
    onSignal: (to, payload) => tracker.link.signal(to, payload),
    feed,
    onPeers: () => {
      tracker.linksChanged();
      listener.onPeers();
    },
    onFault,
  });

  const tracker = createTrackerSide({
    makeLink: parts.makeTrackerLink,
    mesh: meshSide.mesh,
    join: parts.join,
    links: () => engine.neighbours().map(({ path }) => path),
    willing: parts.willing,
    feed,
    onState: (next, detail) => {
      if (state !== "off") setState(next, detail);
    },
    onPolicy: listener.onPolicy,
    onReported: listener.onReported,
    onComplaint: (message) => listener.onState(state, message),
    onFault,
  });

  cancelStart = clock.after(
    JOIN_AFTER_MS,
    guarded(onFault, () => tracker.link.join()),
  );

  const remember = (wish: Wish): void => {
    const id = segmentId(wish.key);
    sources.delete(id);
    sources.set(id, wish.source);
    for (const oldest of sources.keys()) {
      if (sources.size <= MOST_SOURCES) break;
      sources.delete(oldest);
    }
  };

  return {
    sourcesFrom: (lookUp) => {
      listedAt = lookUp;
    },
    playback: (event) => {
      if (event.t === "playlist" && !event.live) disk.open();
      feed(event);
    },
    open: (wish, events) => {
      remember(wish);
      return requests.open(wish, events);
    },
    countBought: accounts.buy,
    setUpload: tracker.setUpload,
    started: guarded(onFault, () => tracker.link.join()),
    report: (samples) => state === "up" && tracker.link.send({ t: "report", samples: [...samples] }),
    state: () => state,
    totals: () => {
      // Once the engine has thrown, its own word is taken only as far as it can still give it.
      guarded(onFault, () => {
        lastTotals = engine.totals();
      })();
      return accounts.sum(lastTotals);
    },
    shares: () => {
      guarded(onFault, () => {
        lastShares = engine.shares();
      })();
      return lastShares;
    },
    overhead: meshSide.overhead,
    self: tracker.self,
    resume: tracker.resume,
    uplink: () => (state === "off" ? 0 : tracker.uplink()),
    caution: () => (state === "off" ? "none" : engine.caution()),
    neighbours: () => (state === "off" ? [] : engine.neighbours()),
    offers: (key) => (state === "off" ? 0 : engine.offers(key)),
    swarmSize: tracker.swarmSize,
    storedBytes: () => (state === "off" ? 0 : engine.storedBytes()),
    hangUp: guarded(onFault, () => {
      meshSide.hangUp();
      clock.after(TOLD_MS, meshSide.tellGone);
    }),
    close: (open) => {
      if (state === "off") {
        if (open === "drop") requests.dropAll();
        return;
      }
      state = "off";
      shutDown(open);
    },
  };
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
