import { randomUUID } from "node:crypto";
import { type NodeId, nodeOf, type SwarmStore } from "../../port.ts";
import { readNumber } from "../replies.ts";
import { createMailbox, type Mailbox, type MailboxParts } from "./mailbox.ts";
import { createOutbox, type Delivery, type Outbox } from "./outbox.ts";

/** Mail between the processes that share a Redis. */
export type PostOffice = Pick<SwarmStore, "attach" | "detach" | "post" | "isAttached"> & {
  readonly state: () => "ready" | { readonly reason: string };
  /** Gives up the names of this process. */
  readonly close: () => Promise<void>;
};

/** What PTTL answers where there is no such key. */
const NO_KEY = -2;

export function createPostOffice(given: Omit<MailboxParts, "holder">): PostOffice {
  const parts = { ...given, holder: randomUUID() };
  const { keys, link, settings } = parts;
  const mailboxes = new Map<NodeId, Mailbox>();
  const outboxes = new Map<NodeId, Outbox>();

  /** Until when a process was last known to hold its name, in milliseconds of this process's clock. */
  const leased = new Map<NodeId, number>();

  /** Whether anybody holds the name. Nobody need ask again before the lease that Redis told of can have ended. */
  const isNamed = async (node: NodeId): Promise<boolean> => {
    const now = performance.now();
    if (now < (leased.get(node) ?? 0)) return true;
    const left = readNumber(await link.send(keys.name(node), ["PTTL", keys.name(node)]));
    leased.set(node, now + left);
    return left !== NO_KEY;
  };
  /** `gone` when nobody holds the name any more, or nobody listens. */
  const publish = async (node: NodeId, message: string): Promise<Delivery> => {
    const [named, heardBy] = await Promise.all([
      isNamed(node),
      link.send(keys.mailbox(node), ["SPUBLISH", keys.mailbox(node), message]),
    ]);
    if (named && readNumber(heardBy) > 0) return "posted";
    leased.delete(node);
    return "gone";
  };
  const outboxTo = (node: NodeId): Outbox => {
    const known = outboxes.get(node);
    if (known) return known;
    const outbox = createOutbox(
      settings.limits,
      (message) => publish(node, message),
      () => outboxes.delete(node),
    );
    outboxes.set(node, outbox);
    return outbox;
  };
  const detach = async (node: NodeId): Promise<void> => {
    const mailbox = mailboxes.get(node);
    mailboxes.delete(node);
    await mailbox?.close();
  };

  return {
    async attach(node, deliver) {
      if (mailboxes.has(node)) return "taken";
      const mailbox = createMailbox(parts, node, deliver);
      mailboxes.set(node, mailbox);
      const outcome = await mailbox.open().catch((error: unknown) => {
        mailboxes.delete(node);
        throw error;
      });
      if (outcome === "taken") mailboxes.delete(node);
      return outcome;
    },
    detach,
    // The call that a process also sends itself: it is heard, and nothing more.
    isAttached: async (node) => (await publish(node, "")) === "posted",
    post: (mail) => outboxTo(nodeOf(mail.to)).post(mail),
    state() {
      for (const mailbox of mailboxes.values()) {
        const state = mailbox.state();
        if (state !== "ready") return state;
      }
      return "ready";
    },
    async close() {
      await Promise.allSettled([...mailboxes.keys()].map(detach));
    },
  };
}
