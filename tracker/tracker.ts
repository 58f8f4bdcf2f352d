import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import type { Middleware } from "koa";
import type { Logger } from "pino";
import type { Registry as MetricsRegistry } from "prom-client";
import { type WebSocket, WebSocketServer } from "ws";
import type { SampleSink } from "../worker/protocol/index.ts";
import { createAddressLedger } from "./access/address-ledger.ts";
import { createHomes } from "./access/homes.ts";
import type { Place } from "./access/keyed-hash.ts";
import type { SubnetRule } from "./access/subnet-groups.ts";
import { createTokenUses } from "./access/token-uses.ts";
import { createTokenCheck } from "./access/viewer-token.ts";
import type { TrackerConfig } from "./config/index.ts";
import { createAdmin } from "./http/admin.ts";
import { createBeacon } from "./http/beacon.ts";
import { createMetrics } from "./metrics.ts";
import { createMemoryRules, openPolicyBook, type RuleStore } from "./policy/index.ts";
import { LIMITS } from "./protocol/index.ts";
import { BATCH_MS, createBatcher } from "./samples/batcher.ts";
import { createSampleIntake } from "./samples/intake.ts";
import { type StoreReadiness, type SwarmStore, withFallback } from "./store/index.ts";
import type { Random } from "./swarm/index.ts";
import { createWebtorrent } from "./webtorrent/index.ts";
import { createAbsentNodes } from "./ws/absent.ts";
import { type AcceptContext, createAccept, ViewerSocket } from "./ws/accept.ts";
import { startHeartbeat } from "./ws/heartbeat.ts";
import { startIceRenewal } from "./ws/ice.ts";
import { startLeases } from "./ws/leases.ts";
import { receiveMail } from "./ws/mail.ts";
import { createMailbox } from "./ws/mailbox.ts";
import { createNewsRound } from "./ws/news-round.ts";
import { createRegistry } from "./ws/registry.ts";
import { createSizeNews } from "./ws/size-news.ts";
import { createPolicyNews } from "./ws/standing.ts";
import { createStoreFailures } from "./ws/store-failures.ts";
import { BURST_SECONDS, TIMINGS, type Timings } from "./ws/timings.ts";

export type TrackerDeps = {
  readonly config: TrackerConfig;
  readonly store: SwarmStore;
  /** Where samples go. */
  readonly samples: SampleSink;
  readonly log: Logger;
  readonly metrics: MetricsRegistry;
  /** Milliseconds of a clock that goes on evenly, whoever sets the machine's. */
  readonly clock?: () => number;
  /** Milliseconds since 1970. `clock` unless given, for tests that have one only. */
  readonly wallClock?: () => number;
  readonly random?: Random;
  /** What the operator's database knows of an address. Nothing by default: then only addresses are compared. */
  readonly locate?: (address: string) => Place;
  /** What the operator says of the subnet that an address is in. Nothing by default. */
  readonly subnetOf?: (address: string) => SubnetRule | undefined;
  /** Where the rules of the admin API are kept. By default in this process's memory. */
  readonly rules?: RuleStore;
  /** Shorter times, for tests. */
  readonly timings?: Partial<Timings>;
};

export type Tracker = {
  /** Takes the upgrade of one request. The caller has decided that its path is the tracker's. */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Takes the upgrade of a WebTorrent client's request, where the operator wants them. */
  readonly announce: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined;
  /** Koa middleware for `POST /v1/report`; other requests pass. */
  readonly beacon: Middleware;
  /** Koa middleware for the admin API, if there is a token for it; other requests pass. */
  readonly admin: Middleware;
  readonly ready: () => Promise<StoreReadiness>;
  /** Brings viewers in line with what `subnetOf` says now. */
  readonly refresh: () => void;
  /** Takes nobody any more, sends every viewer away with `draining`, and hands over the samples that wait. */
  readonly drain: () => Promise<void>;
  /** Drains, then lets go of timers and of the store's mailbox. The store itself stays open. */
  readonly close: () => Promise<void>;
};

/** Whole milliseconds, which cost no memory of their own wherever they are noted. */
const steadyClock = (): number => Math.floor(performance.now());

/** Viewers that are sent away together, and the longest wait before the next ones, in milliseconds: 50,000 have gone in 2.5 s. */
const DRAINED_AT_ONCE = 1000;
const DRAIN_PAUSE_MS = 50;

/** Puts a tracker together. It listens on no port by itself: the caller's HTTP server hands it upgrades. */
export function createTracker(deps: TrackerDeps): Tracker {
  const {
    config,
    log,
    clock = steadyClock,
    wallClock = deps.clock ?? Date.now,
    random = Math.random,
    locate = () => ({}),
    subnetOf,
  } = deps;
  const timings: Timings = { ...TIMINGS, joinMs: LIMITS.joinMs, batchMs: BATCH_MS, ...deps.timings };
  const sockets = new Set<WebSocket>();
  const departures = new Set<Promise<void>>();
  const registry = createRegistry();
  const metrics = createMetrics(deps.metrics, {
    sockets: () => sockets.size,
    viewers: registry.viewers,
    swarms: registry.swarmCount,
  });
  const batcher = createBatcher(deps.samples, {
    batchMs: timings.batchMs,
    onFailure: (error, samples) => log.warn({ err: error, samples }, "a batch of samples was not taken"),
  });
  const failures = createStoreFailures({ log, metrics, clock });
  const store =
    deps.store.kind === "shared" ? withFallback(deps.store, { random, onFailure: failures.note }) : deps.store;
  const absent = createAbsentNodes(clock);
  const addresses = createAddressLedger(clock);
  const intake = createSampleIntake({ site: config.site, clock: wallClock, batcher, metrics });
  const sizeNews = createSizeNews({ store, registry, timings, failures });
  const mailbox = createMailbox({
    store,
    registry,
    failures,
    deliver: (mail) => receiveMail({ registry, store, clock, failures, absent }, mail),
    retryMs: timings.retryMs,
  });
  const leases = startLeases({ store, registry, sizeNews, timings, failures });
  const policies = openPolicyBook({
    base: config.terms,
    store: deps.rules ?? createMemoryRules(),
    log,
    onChange: () => policyNews.touch(),
  });
  const iceRenewal = startIceRenewal({ config, registry, clock, wallClock });
  const homeOf = createHomes(config.swarmSecret, config.site);
  let draining = false;
  const heartbeat = startHeartbeat(timings.pingMs);
  const newsRound = createNewsRound(timings.newsMs);
  const context: AcceptContext = {
    config,
    timings,
    messageLimit: { rate: config.messagesPerSecond, burst: config.messagesPerSecond * BURST_SECONDS },
    store,
    clock,
    wallClock,
    random,
    log,
    metrics,
    registry,
    sizeNews,
    addresses,
    homeOf,
    intake,
    policies,
    sockets,
    heartbeat,
    newsRound,
    departures,
    locate,
    subnetOf,
    admits: config.tokenKeys && createTokenCheck(config.tokenKeys),
    takeUse: createTokenUses(),
    failures,
    absent,
    node: mailbox.name,
    draining: () => draining,
  };
  const policyNews = createPolicyNews(context);
  const accept = createAccept(context);
  const webtorrent = config.webtorrent
    ? createWebtorrent({
        ...context,
        metrics: deps.metrics,
        sharing: () => policies.termsOf({ kind: "site", site: config.site }).mode === "share",
      })
    : undefined;
  const server = new WebSocketServer({
    noServer: true,
    WebSocket: ViewerSocket,
    clientTracking: false,
    // The listener answers pings, where `ws` would keep a closure for each socket.
    autoPong: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.messageBytes,
    // A player sends each message in one frame; these only stop a flood of tiny ones.
    maxFragments: 64,
    maxBufferedChunks: 4096,
  });

  const drain = async (): Promise<void> => {
    draining = true;
    webtorrent?.drain();
    const leaving = [...sockets].flatMap((socket) =>
      socket instanceof ViewerSocket && socket.listener ? [socket.listener.connection] : [],
    );
    for (let from = 0; from < leaving.length; from += DRAINED_AT_ONCE) {
      for (const connection of leaving.slice(from, from + DRAINED_AT_ONCE)) connection.shut("draining");
      // The store is not handed more than it takes; one that does not answer holds nobody up.
      await Promise.race([Promise.all(departures), pause(DRAIN_PAUSE_MS)]);
    }
    await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
    await batcher.flush();
    await Promise.all(departures);
    log.info("the tracker has drained");
  };

  return {
    handleUpgrade(request, socket, head) {
      server.handleUpgrade(request, socket, head, (accepted) => accept(accepted, request, socket));
    },
    announce: webtorrent?.handleUpgrade,
    beacon: createBeacon({ config, intake, addresses, metrics, locate, homeOf, wallClock }),
    admin: createAdmin({ config, policies, addresses, log }),
    refresh: policyNews.touch,
    async ready() {
      if (draining) return { reason: "draining" };
      const state = await store.ready();
      if (state !== "ready" || mailbox.state() === "open") return state;
      return { degraded: "other processes cannot reach this one yet" };
    },
    drain,
    async close() {
      await drain();
      heartbeat.stop();
      newsRound.stop();
      leases.stop();
      iceRenewal.stop();
      policies.close();
      sizeNews.stop();
      await mailbox.close();
    },
  };
}
