import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import { type WebSocket, WebSocketServer } from "ws";
import type { AddressLedger } from "../access/address-ledger.ts";
import { clientAddress } from "../access/client-address.ts";
import { localityOf } from "../access/keyed-hash.ts";
import { originAllowed } from "../access/origins.ts";
import type { TrackerConfig } from "../config/index.ts";
import { loggedAddress } from "../log.ts";
import { CLOSE_CODES, LIMITS } from "../protocol/index.ts";
import type { BucketLimit, Random } from "../swarm/index.ts";
import { cutSocketSoon } from "../ws/cut-socket.ts";
import { FramedSocket } from "../ws/framed-socket.ts";
import type { Heartbeat } from "../ws/heartbeat.ts";
import type { Timings } from "../ws/timings.ts";
import { createAnnouncer } from "./announcer.ts";
import { createWebtorrentMetrics } from "./metrics.ts";
import { Peer } from "./peer.ts";

/** Where WebTorrent clients announce themselves. */
export const ANNOUNCE_PATH = "/announce";

export type WebtorrentDeps = {
  readonly config: TrackerConfig;
  readonly timings: Timings;
  /** Messages that one client may send. */
  readonly messageLimit: BucketLimit;
  readonly addresses: AddressLedger;
  readonly clock: () => number;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Registry;
  /** All sockets of the process, these among them. */
  readonly sockets: Set<WebSocket>;
  readonly heartbeat: Heartbeat;
  /** False when the operator has switched sharing off. */
  readonly sharing: () => boolean;
};

/** A tracker for WebTorrent clients, as p2p-media-loader has them in its pages. */
export type Webtorrent = {
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Takes nobody any more and sends everybody away. */
  readonly drain: () => void;
};

export function createWebtorrent(deps: WebtorrentDeps): Webtorrent {
  const { config, timings, messageLimit, addresses, clock, log, sockets, heartbeat } = deps;
  const peers = new Set<Peer>();
  const announcer = createAnnouncer<Peer>({
    random: deps.random,
    sharing: deps.sharing,
    grant: (peer, wanted) => addresses.takeIntroductions(peer.address, wanted),
  });
  const metrics = createWebtorrentMetrics(deps.metrics, { sockets: () => peers.size, swarms: announcer.swarmCount });
  const server = new WebSocketServer({
    noServer: true,
    WebSocket: FramedSocket,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.messageBytes,
    maxFragments: 64,
    maxBufferedChunks: 4096,
  });
  let accepted = 0;
  let draining = false;

  const refusal = (request: IncomingMessage, address: string): "draining" | "originNotAllowed" | "full" | undefined => {
    if (draining) return "draining";
    if (!originAllowed(config.origins, request.headers.origin)) return "originNotAllowed";
    const crowded = sockets.size >= config.maxConnections;
    if (crowded || addresses.open(address, config.maxConnectionsPerAddress) === "full") return "full";
    return undefined;
  };

  return {
    handleUpgrade(request, stream, head) {
      server.handleUpgrade(request, stream, head, (socket) => {
        socket.stream = stream;
        const label = `w${(accepted++).toString(36)}`;
        socket.on("error", (error) => log.debug({ connection: label, err: error }, "socket failed"));
        const from = clientAddress(request, config.trustProxy);
        const { address } = localityOf(config.swarmSecret, from, label);
        const reason = refusal(request, address);
        const about = { connection: label, ...loggedAddress(config, from) };
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        if (reason) {
          log.debug({ ...about, reason }, "socket turned away");
          metrics.refused(reason === "originNotAllowed" ? "origin-not-allowed" : reason);
          socket.close(CLOSE_CODES[reason], reason);
          cutSocketSoon(socket, timings.closeMs);
          return;
        }
        const peer = new Peer({ socket, address, messageLimit, timings, clock, announcer, metrics });
        log.debug(about, "socket opened");
        peers.add(peer);
        heartbeat.add(peer);
        socket.once("close", () => {
          peers.delete(peer);
          heartbeat.remove(peer);
          addresses.close(address);
          peer.left();
        });
      });
    },
    drain() {
      draining = true;
      for (const peer of peers) peer.shut("draining");
    },
  };
}
