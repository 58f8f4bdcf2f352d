import type { Mail, NodeId, SwarmStore } from "../store/index.ts";
import { createNodeId } from "./peer-id.ts";

/** This process's mailbox in the store. */
export type Mailbox = {
  /** Opens it, once, and answers with the process's name. Rejects when the store does; the next call tries again. */
  readonly open: () => Promise<NodeId>;
  readonly close: () => Promise<void>;
};

/** Names drawn before giving up; with 1.7 million of them a second draw is rare already. */
const NAMES_TRIED = 8;

export function createMailbox(store: SwarmStore, deliver: (mail: Mail) => void): Mailbox {
  let opening: Promise<NodeId> | undefined;

  const attach = async (): Promise<NodeId> => {
    for (let tried = 0; tried < NAMES_TRIED; tried++) {
      const node = createNodeId();
      if ((await store.attach(node, deliver)) === "attached") return node;
    }
    throw new Error(`the store has taken ${NAMES_TRIED} names for this process; is it another program's?`);
  };
  const open = (): Promise<NodeId> => {
    opening ??= attach().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  return {
    open,
    async close() {
      const opened = opening;
      opening = undefined;
      if (opened) await store.detach(await opened);
    },
  };
}
