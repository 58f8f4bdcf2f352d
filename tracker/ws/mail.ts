import { frameSignalFrom, type PeerId } from "../protocol/index.ts";
import { type Mail, nodeOf } from "../store/index.ts";
import { acquaintance, introduce } from "../swarm/index.ts";
import type { Context } from "./context.ts";
import { noteStoreFailure } from "./store-failure.ts";
import type { Viewer } from "./viewer.ts";

type PostContext = Pick<Context, "registry" | "store" | "clock" | "log" | "metrics">;
export type Delivery = "delivered" | "gone";

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

async function post(context: PostContext, mail: Mail): Promise<Delivery> {
  try {
    return (await context.store.post(mail)) === "posted" ? "delivered" : "gone";
  } catch (error) {
    noteStoreFailure(context, "post", error);
    return "gone";
  }
}

function deliver(context: PostContext, mail: Mail): Delivery {
  const connection = context.registry.find(mail.to);
  const viewer = connection?.viewer();
  if (!connection || !viewer) return "gone";
  switch (mail.kind) {
    case "introduced":
      introduce(viewer.introductions, mail.neighbour.id, context.clock());
      connection.send({ t: "introduced", neighbour: mail.neighbour });
      return "delivered";
    case "signal":
      // Both must know each other: an introduction that this side has forgotten is over.
      if (acquaintance(viewer.introductions, mail.from, context.clock()) === "stranger") return "gone";
      connection.sendText(frameSignalFrom(mail.from, mail.payload));
      return "delivered";
    case "gone":
      viewer.introductions.delete(mail.peer);
      connection.refuse("peer-gone", "this neighbour has left", mail.peer);
      return "delivered";
    default:
      return mail satisfies never;
  }
}

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
