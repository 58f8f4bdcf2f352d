import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { RawData, WebSocket } from "ws";
import { clientAddress } from "../access/client-address.ts";
import { localityOf, type Place } from "../access/keyed-hash.ts";
import { originAllowed } from "../access/origins.ts";
import { CLOSE_CODES, type CloseReason, isSignalTo } from "../protocol/index.ts";
import { type Audience, audienceOf } from "../samples/audience.ts";
import { countMessage, createMessageLimit, type Locality } from "../swarm/index.ts";
import { type Connection, createConnection } from "./connection.ts";
import type { Context } from "./context.ts";
import { cutSocketSoon } from "./cut-socket.ts";
import { handleText } from "./handlers/index.ts";
import { shutMalformed } from "./handlers/malformed.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { createInbox } from "./inbox.ts";
import { BURST_SECONDS } from "./timings.ts";
import type { Viewer } from "./viewer.ts";

/** What accepting a socket needs beyond what its messages need. */
export type AcceptContext = Context & {
  readonly draining: () => boolean;
  readonly sockets: Set<WebSocket>;
  readonly connections: Set<Connection>;
  /** Leaves that the store has not answered yet. */
  readonly departures: Set<Promise<void>>;
  readonly locate: (address: string) => Place;
};

/** Takes a socket that has just been upgraded: turns it away with a close code, or listens to it. */
export function acceptSocket(context: AcceptContext, socket: WebSocket, request: IncomingMessage): void {
  const { config, sockets, metrics, log } = context;
  const label = randomBytes(6).toString("base64url");
  // `ws` closes the socket itself after an error (too big, not UTF-8, a broken frame); the close code says which.
  socket.on("error", (error) => log.debug({ connection: label, err: error }, "socket failed"));
  socket.on("close", (code) => {
    sockets.delete(socket);
    metrics.closed(code);
    log.debug({ connection: label, code }, "socket closed");
  });
  const crowded = sockets.size >= config.maxConnections;
  sockets.add(socket);

  const address = clientAddress(request, config.trustProxy);
  const place = address === undefined ? {} : context.locate(address);
  const locality = localityOf(config.swarmSecret, address, label, place);
  const reason = refusal(context, request, locality, crowded);
  if (reason) turnAway(context, socket, reason);
  else listen(context, socket, label, { locality, audience: audienceOf(request.headers["user-agent"], place) });
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

function listen(
  context: AcceptContext,
  socket: WebSocket,
  label: string,
  seen: { readonly locality: Locality; readonly audience: Audience },
): void {
  const { timings, metrics, log, connections } = context;
  const connection = createConnection(socket, {
    label,
    ...seen,
    bufferedBytes: timings.bufferedBytes,
    closeMs: timings.closeMs,
    onRefused: metrics.refused,
    onClosed(viewer) {
      clearTimeout(joinTimer);
      inbox.clear();
      connections.delete(connection);
      context.addresses.close(seen.locality.address);
      if (viewer) depart(context, viewer);
    },
  });
  const joinTimer = setTimeout(() => {
    if (connection.state().kind === "waiting") connection.shut("joinTimeout");
  }, timings.joinMs);
  const inbox = createInbox({
    handle: (text) => (connection.state().kind === "closed" ? undefined : handleText(context, connection, text)),
    // Signals between viewers of this process never wait for the store.
    overtakes: (text) => isSignalTo(text) && connection.state().kind === "joined",
    onError(error) {
      log.error({ connection: label, err: error }, "a message could not be handled");
      connection.refuse("internal", "the tracker could not do this; try again in a while");
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  });
  const admit = createGate(context, connection);
  socket.on("message", (data: RawData, isBinary) => {
    if (!admit()) return;
    if (isBinary || !Buffer.isBuffer(data)) shutMalformed(connection, "the message is binary; expected text");
    else inbox.put(data.toString("utf8"));
  });
  socket.on("ping", admit);
  startHeartbeat(socket, timings.pingMs, connection.cut);
  connections.add(connection);
  log.debug({ connection: label }, "socket opened");
}

/** Counts what a viewer sends; false when a message is over its limit and must not be handled. */
function createGate(context: AcceptContext, connection: Connection): () => boolean {
  const rate = context.config.messagesPerSecond;
  const limit = { rate, burst: rate * BURST_SECONDS };
  const state = createMessageLimit(limit, context.clock());
  return () => {
    if (connection.state().kind === "closed") return false;
    const verdict = countMessage(state, limit, context.clock());
    const message = `more than ${rate} messages a second; this one was dropped`;
    if (verdict === "refuse") connection.refuse("rate-limited", message);
    if (verdict === "close") connection.shut("rateLimited", { code: "rate-limited", message });
    return verdict === "handle";
  };
}

function depart(context: AcceptContext, viewer: Viewer): void {
  const { registry, store, sizeNews, departures, failures } = context;
  const wasMember = registry.isMember(viewer);
  registry.remove(viewer);
  if (!wasMember) return;
  const departure: Promise<void> = store
    .leave(viewer.swarm, viewer.member.id)
    .then(() => sizeNews.touch(viewer.swarm))
    // Its lease ends by itself.
    .catch((error: unknown) => failures.note("leave", error))
    .finally(() => departures.delete(departure));
  departures.add(departure);
}
