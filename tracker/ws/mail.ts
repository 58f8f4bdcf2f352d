import { frameSignalFrom, type PeerId, type TrackerMessage } from "../protocol/index.ts";
import { type Mail, type NewNeighbour, nodeOf } from "../store/index.ts";
import { part, removeLink, roomFor } from "../swarm/index.ts";
import { asTold, meet, recognises } from "./acquaint.ts";
import type { Context } from "./context.ts";
import type { Viewer } from "./viewer.ts";

type PostContext = Pick<Context, "registry" | "store" | "clock" | "failures" | "absent">;
/** `undelivered`: the addressee may well be there, but the store did not take the mail. */
export type Delivery = "delivered" | "gone" | "undelivered";

/** Hands mail to its addressee, on this process or through the store. `sender` is a viewer of this process. */
export function sendMail(context: PostContext, sender: Viewer, mail: Mail): Delivery | Promise<Delivery> {
  if (nodeOf(mail.to) === nodeOf(sender.member.id)) return deliver(context, mail);
  return post(context, mail);
}

/** Takes mail that came through the store, and answers when the addressee has left. */
export function receiveMail(context: PostContext, mail: Mail): void {
  if (deliver(context, mail) === "delivered") return;
  const sender = senderOf(mail);
  if (sender !== undefined) void post(context, { kind: "gone", to: sender, peer: mail.to });
}

async function post({ store, absent, failures }: PostContext, mail: Mail): Promise<Delivery> {
  try {
    if ((await store.post(mail)) === "posted") return "delivered";
    absent.note(nodeOf(mail.to));
    return "gone";
  } catch (error) {
    failures.note("post", error);
    return "undelivered";
  }
}

function deliver(context: PostContext, mail: Mail): "delivered" | "gone" {
  const connection = context.registry.find(mail.to);
  const viewer = connection?.viewer();
  if (!connection || !viewer) return "gone";
  switch (mail.kind) {
    case "introduced":
      // Whoever was switched off since it was drawn connects to nobody, and nobody gets more links than it should have.
      if (viewer.policy.mode === "off" || roomFor(viewer.links, mail.neighbour.giving) === "none") return "gone";
      meet(viewer, mail.neighbour, context.clock());
      // The call that follows takes it along.
      connection.sendAlong(newsOf(mail.neighbour));
      return "delivered";
    case "signal":
      // Both must know each other: an introduction that this side has forgotten is over.
      if (!recognises(viewer, mail.from, context.clock())) return "gone";
      connection.sendOne(frameSignalFrom(mail.from, mail.payload));
      return "delivered";
    case "gone":
      // What it did is not known here; who gives is the usual case.
      if (part(viewer.introductions, mail.peer)) removeLink(viewer.links, "share");
      connection.refuse("peer-gone", "this neighbour has left", mail.peer);
      return "delivered";
    default:
      return mail satisfies never;
  }
}

/** What a viewer is told of somebody new: one text for all who hear the same, since it waits with each of them. */
function newsOf(neighbour: NewNeighbour): string {
  if (neighbour !== latest.neighbour) latest = { neighbour, text: wordsOn(neighbour) };
  return latest.text;
}

const wordsOn = (neighbour: NewNeighbour): string =>
  JSON.stringify({ t: "introduced", neighbour: asTold(neighbour) } satisfies TrackerMessage);

let latest: { readonly neighbour: NewNeighbour | undefined; readonly text: string } = {
  neighbour: undefined,
  text: "",
};

function senderOf(mail: Mail): PeerId | undefined {
  switch (mail.kind) {
    case "introduced":
      return mail.neighbour.id;
    case "signal":
      return mail.from;
    case "gone":
      return undefined;
    default:
      return mail satisfies never;
  }
}
