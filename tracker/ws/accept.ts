import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { clientAddress } from "../access/client-address.ts";
import type { Place } from "../access/keyed-hash.ts";
import { createLocalities } from "../access/localities.ts";
import { originAllowed } from "../access/origins.ts";
import type { SubnetRule } from "../access/subnet-groups.ts";
import { loggedAddress } from "../log.ts";
import { CLOSE_CODES, type CloseReason } from "../protocol/index.ts";
import { audienceOf } from "../samples/audience.ts";
import { type Locality, removeLink } from "../swarm/index.ts";
import { Connection, type ConnectionHost, labelOf } from "./connection.ts";
import type { Context } from "./context.ts";
import { cutSocketSoon } from "./cut-socket.ts";
import { FramedSocket } from "./framed-socket.ts";
import type { Heartbeat } from "./heartbeat.ts";
import { Listener } from "./listener.ts";
import type { NewsRound } from "./news-round.ts";
import type { Viewer } from "./viewer.ts";

/** What accepting a socket needs beyond what its messages need. */
export type AcceptContext = Context & {
  readonly draining: () => boolean;
  readonly sockets: Set<WebSocket>;
  readonly heartbeat: Heartbeat;
  readonly newsRound: NewsRound;
  /** Leaves that the store has not answered yet. */
  readonly departures: Set<Promise<void>>;
  readonly locate: (address: string) => Place;
  readonly subnetOf: ((address: string) => SubnetRule | undefined) | undefined;
};

const NO_SUBNET = (): undefined => undefined;

/** A viewer's socket. It knows who listens to it, so that all sockets share their event handlers. */
export class ViewerSocket extends FramedSocket {
  serial = 0;
  listener: Listener | undefined;

  /** What comes in goes straight to the listener: with handlers for these three, each socket's table of handlers is twice as big. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const { listener } = this;
    if (!listener) return super.emit(event, ...args);
    switch (event) {
      case "message":
        listener.message(...(args as [WebSocket.RawData, boolean]));
        return true;
      case "ping":
        listener.ping(...(args as [Buffer]));
        return true;
      case "pong":
        listener.alive();
        return true;
      default:
        return super.emit(event, ...args);
    }
  }
}

export type Accept = (socket: ViewerSocket, request: IncomingMessage, stream: Duplex) => void;

/** Takes sockets that have just been upgraded: turns each away with a close code, or listens to it. */
export function createAccept(context: AcceptContext): Accept {
  const { config, sockets, heartbeat, metrics, log } = context;
  const localityOf = createLocalities(config.swarmSecret);
  let accepted = 0;

  const host: ConnectionHost = {
    bufferedBytes: context.timings.bufferedBytes,
    closeMs: context.timings.closeMs,
    onRefused: metrics.refused,
    onNews: context.newsRound.add,
    onClosed(connection, viewer) {
      heartbeat.remove(connection);
      context.addresses.close(connection.locality.address);
      if (viewer) depart(context, viewer);
    },
  };
  // `ws` closes the socket itself after an error (too big, not UTF-8, a broken frame); the close code says which.
  function onError(this: WebSocket, error: Error): void {
    log.debug({ connection: labelOf((this as ViewerSocket).serial), err: error }, "socket failed");
  }
  function onClose(this: WebSocket, code: number): void {
    const { serial, listener } = this as ViewerSocket;
    listener?.closed();
    sockets.delete(this);
    metrics.closed(code);
    log.debug({ connection: labelOf(serial), code }, "socket closed");
  }

  return (socket, request, stream) => {
    const serial = accepted++;
    const label = labelOf(serial);
    socket.serial = serial;
    socket.takeOver(stream);
    socket.on("error", onError).on("close", onClose);
    const crowded = sockets.size >= config.maxConnections;
    sockets.add(socket);

    const address = clientAddress(request, config.trustProxy);
    const place = address === undefined ? {} : context.locate(address);
    const locality = localityOf(address, label, place);
    const reason = refusal(context, request, locality, crowded);
    // Other lines about the connection have its name alone, and this one says whose it is.
    const about = { connection: label, ...loggedAddress(config, address) };
    if (reason) {
      log.debug({ ...about, reason }, "socket turned away");
      turnAway(context, socket, reason);
      return;
    }
    const { subnetOf } = context;
    const subnet = address !== undefined && subnetOf ? () => subnetOf(address) : NO_SUBNET;
    const audience = audienceOf(request.headers["user-agent"], place);
    const connection = new Connection(socket, { serial, locality, subnet, audience }, host);
    socket.listener = new Listener(context, connection, socket);
    heartbeat.add(connection);
    log.debug(about, "socket opened");
  };
}

/** Why a socket is not taken. An address is charged last, and only for a socket that is taken. */
function refusal(
  context: AcceptContext,
  request: IncomingMessage,
  locality: Locality,
  crowded: boolean,
): "draining" | "originNotAllowed" | "full" | undefined {
  const { config, addresses } = context;
  if (context.draining()) return "draining";
  if (!originAllowed(config.origins, request.headers.origin)) return "originNotAllowed";
  if (crowded || addresses.open(locality.address, config.maxConnectionsPerAddress) === "full") return "full";
  return undefined;
}

/** Closes after the handshake: a browser tells a page the close code, but not the HTTP status of a failed handshake. */
function turnAway(context: AcceptContext, socket: WebSocket, reason: CloseReason & ReturnType<typeof refusal>): void {
  context.metrics.refused(reason === "originNotAllowed" ? "origin-not-allowed" : reason);
  if (reason === "full") {
    socket.send(
      JSON.stringify({ t: "error", code: "full", message: "no more viewers are taken; try again in a while" }),
    );
  }
  socket.close(CLOSE_CODES[reason], reason);
  cutSocketSoon(socket, context.timings.closeMs);
}

function depart(context: AcceptContext, viewer: Viewer): void {
  const { registry, store, sizeNews, departures, failures } = context;
  const wasMember = registry.isMember(viewer);
  registry.remove(viewer);
  for (const peer of viewer.introductions.keys()) {
    const other = registry.find(peer)?.viewer();
    if (other?.introductions.has(viewer.member.id)) removeLink(other.links, viewer.member.giving);
  }
  if (!wasMember) return;
  const departure: Promise<void> = store
    .leave(viewer.swarm, viewer.member.id)
    .then(() => sizeNews.touch(viewer.swarm))
    // Its lease ends by itself.
    .catch((error: unknown) => failures.note("leave", error))
    .finally(() => departures.delete(departure));
  departures.add(departure);
}
