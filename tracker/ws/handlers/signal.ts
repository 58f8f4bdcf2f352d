import * as v from "valibot";
import { type PeerId, PeerIdSchema } from "../../protocol/index.ts";
import { nodeOf } from "../../store/index.ts";
import { acquaintance, part, removeLink } from "../../swarm/index.ts";
import { givesPerhaps, meet, presentAddress, recognises } from "../acquaint.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import { type Delivery, sendMail } from "../mail.ts";
import { addresseeOf, payloadOf } from "../signal-bytes.ts";
import type { Viewer } from "../viewer.ts";
import { shutMalformed } from "./malformed.ts";

/**
 * Relays a signal, unread, to a viewer whom this one was introduced to. What becomes of it on another process is not waited
 * for: the viewer's next signal may be for somebody here.
 */
export function handleSignal(context: Context, connection: Connection, viewer: Viewer, frame: Buffer): void {
  const text = addresseeOf(frame);
  if (text === undefined) {
    shutBadSignal(connection);
    return;
  }
  const now = context.clock();
  const isKnown = acquaintance(viewer.introductions, text as PeerId, now) !== "stranger";
  const peer = isKnown ? (text as PeerId) : lookAgain(connection, viewer, text, now);
  if (peer === undefined) return;
  if (nodeOf(peer) === nodeOf(viewer.member.id)) {
    const delivery = relayHere(context, viewer.member.id, peer, frame, now);
    if (!isKnown && delivery === "delivered") meet(viewer, givesPerhaps(peer), now);
    settle(context, connection, viewer, peer, delivery, "local");
    return;
  }
  // Its answer may be quicker than word that the signal has arrived.
  if (!isKnown) meet(viewer, givesPerhaps(peer), now);
  const mail = { kind: "signal", to: peer, from: viewer.member.id, payload: payloadOf(frame) } as const;
  void Promise.resolve(sendMail(context, viewer, mail)).then((delivery) =>
    settle(context, connection, viewer, peer, delivery, "remote"),
  );
}

/** Whoever the viewer was introduced to has a proper id; only other text needs a look. Refuses when it is a stranger's. */
function lookAgain(connection: Connection, viewer: Viewer, text: string, now: number): PeerId | undefined {
  const id = v.safeParse(PeerIdSchema, text);
  if (!id.success) {
    shutBadSignal(connection);
    return undefined;
  }
  const peer = presentAddress(viewer, id.output, now);
  if (peer === undefined) connection.refuse("not-introduced", "you were not introduced to this viewer", id.output);
  return peer;
}

/** To a viewer of this process: the bytes that came in go out again. */
function relayHere(context: Context, from: PeerId, to: PeerId, frame: Buffer, now: number): Delivery {
  const receiver = context.registry.find(to);
  const viewer = receiver?.viewer();
  // Both must know each other: an introduction that the other side has forgotten is over.
  if (!receiver || !viewer || !recognises(viewer, from, now)) return "gone";
  receiver.sendOne({ sender: from, signal: frame });
  return "delivered";
}

function settle(
  context: Context,
  connection: Connection,
  viewer: Viewer,
  peer: PeerId,
  delivery: Delivery,
  path: "local" | "remote",
): void {
  if (delivery === "delivered") {
    context.metrics.relayed(path);
    return;
  }
  if (delivery === "undelivered") {
    connection.refuse("internal", "this signal could not be passed on; try again in a while", peer);
    return;
  }
  // A viewer of this process was taken off the account when it left.
  if (part(viewer.introductions, peer) && path === "remote") removeLink(viewer.links, "share");
  connection.refuse("peer-gone", "this neighbour has left", peer);
}

const shutBadSignal = (connection: Connection): void =>
  shutMalformed(connection, "signal: expected `>`, a peer id, and 1 to 16384 characters");
