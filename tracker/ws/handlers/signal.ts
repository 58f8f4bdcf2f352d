import { parseSignal } from "../../protocol/index.ts";
import { nodeOf } from "../../store/index.ts";
import { acquaintance } from "../../swarm/index.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import { type Delivery, sendMail } from "../mail.ts";
import type { Viewer } from "../viewer.ts";
import { shutMalformed } from "./malformed.ts";

/**
 * Relays a signal, unread, to a viewer whom this one was introduced to. What becomes of it on another process is not waited
 * for: the viewer's next signal may be for somebody here.
 */
export function handleSignal(context: Context, connection: Connection, viewer: Viewer, text: string): void {
  const signal = parseSignal(text);
  if (!signal) {
    shutMalformed(connection, "signal: expected `>`, a peer id, and 1 to 16384 characters");
    return;
  }
  const { peer, payload } = signal;
  if (acquaintance(viewer.introductions, peer, context.clock()) === "stranger") {
    connection.refuse("not-introduced", "you were not introduced to this viewer", peer);
    return;
  }
  const from = viewer.member.id;
  const settle = (delivery: Delivery): void => {
    if (delivery === "delivered") {
      context.metrics.relayed(nodeOf(peer) === nodeOf(from) ? "local" : "remote");
      return;
    }
    if (delivery === "undelivered") {
      connection.refuse("internal", "this signal could not be passed on; try again in a while", peer);
      return;
    }
    viewer.introductions.delete(peer);
    connection.refuse("peer-gone", "this neighbour has left", peer);
  };
  const delivery = sendMail(context, viewer, { kind: "signal", to: peer, from, payload });
  if (typeof delivery === "string") settle(delivery);
  else void delivery.then(settle);
}
