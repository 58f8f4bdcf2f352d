import type { Mail, NodeId } from "../../port.ts";
import type { Subscription } from "../connection/connection.ts";
import type { Link } from "../connection/link.ts";
import type { Keys } from "../keys.ts";
import type { Settings } from "../options.ts";
import { readNumber } from "../replies.ts";
import type { RunScript } from "../scripts.ts";
import { asStoreError, StoreError } from "../store-error.ts";
import { readBundle } from "./letters.ts";

/** The mailbox of one process: its name, and the channel that it listens to. */
export type Mailbox = {
  /** Takes the name, and listens. @throws StoreError */
  readonly open: () => Promise<"attached" | "taken">;
  readonly state: () => "ready" | { readonly reason: string };
  readonly close: () => Promise<void>;
};

/** Renewals of the name in a row whose call was not heard before the channel is opened anew. */
const UNHEARD = 2;
const TAKEN = -1;

export type MailboxParts = {
  /** Stands for this process in the names that it holds, so that it finds its own again. */
  readonly holder: string;
  readonly settings: Settings;
  readonly keys: Keys;
  readonly link: Link;
  readonly run: RunScript;
};

export function createMailbox(parts: MailboxParts, node: NodeId, deliver: (mail: Mail) => void): Mailbox {
  const { settings, keys, link, run, holder } = parts;
  const { limits, onTrouble } = settings;
  const name = keys.name(node);
  const channel = keys.mailbox(node);
  let subscription: Subscription | undefined;
  let timer: NodeJS.Timeout | undefined;
  let unheard = 0;
  let over = false;
  let turn = Promise.resolve();
  let trouble: string | undefined;

  const onText = (text: string): void => {
    unheard = 0;
    // The call that comes with each renewal of the name.
    if (text === "") return;
    const { mails, unreadable } = readBundle(text);
    if (unreadable > 0) onTrouble(new StoreError("unreadable", `${unreadable} mails for ${node} could not be read`));
    for (const mail of mails) hand(mail);
  };
  const hand = (mail: Mail): void => {
    try {
      deliver(mail);
    } catch (error) {
      onTrouble(new StoreError("undelivered", `a mail for ${node} was not taken: ${String(error)}`, { cause: error }));
    }
  };
  const keep = () => run("keep", [name], [holder, String(limits.nodeLeaseMs), channel]);
  const listen = async (): Promise<void> => {
    const opened = await link.subscribe(channel, {
      onText,
      onLost(error) {
        subscription = undefined;
        onTrouble(asStoreError(error));
        tendSoon(0);
      },
    });
    if (over) return opened.close();
    subscription = opened;
    unheard = 0;
  };
  const deafen = (): void => {
    subscription?.close();
    subscription = undefined;
  };
  /** Renews the name, and sees to it that the mailbox is heard. */
  const tend = async (): Promise<void> => {
    if (!subscription) await listen();
    const heardBy = readNumber(await keep());
    if (heardBy === TAKEN) throw new StoreError("refused", `another process has taken the name ${node}`);
    unheard += 1;
    if (heardBy > 0 && unheard <= UNHEARD) return;
    deafen();
    throw new StoreError("offline", `the mailbox of ${node} hears nothing`);
  };
  const tendSoon = (ms: number): void => {
    clearTimeout(timer);
    if (over) return;
    timer = setTimeout(() => {
      turn = turn.then(tendNow);
    }, ms);
  };
  const tendNow = async (): Promise<void> => {
    try {
      await tend();
      trouble = undefined;
      tendSoon(subscription ? limits.keepMs : 0);
    } catch (error) {
      const found = asStoreError(error);
      if (found.message !== trouble) onTrouble(found);
      trouble = found.message;
      tendSoon(Math.min(limits.keepMs, limits.retryMs) / 4);
    }
  };
  /** Best effort: the name's lease ends by itself. */
  const release = (): Promise<unknown> =>
    run("release", [name], [holder]).catch((error: unknown) => onTrouble(asStoreError(error)));

  return {
    async open() {
      // Twice does no harm: the answer to a first attempt may have been too late.
      if (readNumber(await keep()) === TAKEN) return "taken";
      try {
        await listen();
      } catch (error) {
        void release();
        throw error;
      }
      tendSoon(limits.keepMs);
      return "attached";
    },
    state: () => (trouble === undefined ? "ready" : { reason: trouble }),
    async close() {
      over = true;
      clearTimeout(timer);
      deafen();
      await release();
    },
  };
}
