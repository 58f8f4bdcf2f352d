import { type Mail, type NodeId, nodeOf, type SwarmStore } from "../store/index.ts";
import { createNodeId } from "./peer-id.ts";
import type { Registry } from "./registry.ts";
import type { StoreFailures } from "./store-failures.ts";

/** This process's name, and its mailbox in the store under that name. */
export type Mailbox = {
  /** What the peer ids of this process begin with. It has one from the start, whether or not the store answers. */
  readonly name: () => NodeId;
  /** Whether other processes can reach this one. */
  readonly state: () => "open" | "opening";
  readonly close: () => Promise<void>;
};

export type MailboxParts = {
  readonly store: SwarmStore;
  readonly registry: Registry;
  readonly failures: StoreFailures;
  readonly deliver: (mail: Mail) => void;
  /** Longest time between two attempts to open it, in milliseconds. */
  readonly retryMs: number;
};

/** Time before the second attempt, in milliseconds; it doubles with each. */
const FIRST_RETRY_MS = 100;

/** Draws a name and opens the mailbox in the background, for as long as it takes. */
export function createMailbox({ store, registry, failures, deliver, retryMs }: MailboxParts): Mailbox {
  let name = createNodeId();
  let state: "open" | "opening" | "closed" = "opening";
  let timer: NodeJS.Timeout | undefined;
  let waitMs = FIRST_RETRY_MS;

  const open = async (): Promise<void> => {
    try {
      const outcome = await store.attach(name, deliver);
      if (state === "closed") await store.detach(name);
      else if (outcome === "taken") rename();
      else state = "open";
    } catch (error) {
      // A store that is only just being connected to is no trouble yet.
      if (waitMs > FIRST_RETRY_MS) failures.note("attach", error);
      if (state === "opening") timer = setTimeout(() => void opening(), waitMs);
      waitMs = Math.min(waitMs * 2, retryMs);
    }
  };
  /** Another process has had the name all along (one of 1.7 million). Viewers who got it while the store was away must go. */
  const rename = (): void => {
    const taken = name;
    name = createNodeId();
    for (const connection of [...registry.connections()]) {
      const id = connection.viewer()?.member.id;
      if (id !== undefined && nodeOf(id) === taken) connection.shut("internal");
    }
    void opening();
  };
  let attempt = Promise.resolve();
  const opening = (): Promise<void> => {
    attempt = open();
    return attempt;
  };
  void opening();

  return {
    name: () => name,
    state: () => (state === "open" ? "open" : "opening"),
    async close() {
      clearTimeout(timer);
      const wasOpen = state === "open";
      state = "closed";
      await attempt;
      if (wasOpen) await store.detach(name).catch((error: unknown) => failures.note("detach", error));
    },
  };
}
