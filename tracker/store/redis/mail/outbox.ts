import type { Mail, SwarmStore } from "../../port.ts";
import type { RedisLimits } from "../options.ts";
import { asStoreError, StoreError } from "../store-error.ts";
import { bundle, type Letter, writeLetter } from "./letters.ts";

export type Delivery = Awaited<ReturnType<SwarmStore["post"]>>;

/** Mails on their way to one process. */
export type Outbox = {
  /** @throws StoreError */
  readonly post: (mail: Mail) => Promise<Delivery>;
};

/** Mails that go in one message, and what becomes of all of them: one promise for the lot. */
type Batch = {
  readonly letters: Letter[];
  length: number;
  readonly delivery: Promise<Delivery>;
  readonly resolve: (delivery: Delivery) => void;
  readonly reject: (error: StoreError) => void;
};

/**
 * Sends mails in messages of many. The first waits `batchMs` for company; while one message is on its way the next one fills.
 * Only one is on its way at a time: that keeps mails in order even when Redis must be asked twice. `onEmpty` when nothing
 * waits any more.
 */
export function createOutbox(
  limits: RedisLimits,
  publish: (message: string) => Promise<Delivery>,
  onEmpty: () => void,
): Outbox {
  const waiting: Batch[] = [];
  let count = 0;
  let sending = false;
  let timer: NodeJS.Timeout | undefined;

  /** The last batch, or a new one where this letter would be too much for it. */
  const batchFor = (length: number): Batch => {
    const last = waiting.at(-1);
    if (last && last.letters.length < limits.messageMails && last.length + length <= limits.messageLength) return last;
    const fresh = emptyBatch();
    waiting.push(fresh);
    return fresh;
  };
  const sendAll = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    sending = true;
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      count -= batch.letters.length;
      try {
        batch.resolve(await publish(bundle(batch.letters)));
      } catch (error) {
        batch.reject(asStoreError(error));
      }
    }
    onEmpty();
  };

  return {
    post(mail) {
      if (count >= limits.waitingMails) {
        return Promise.reject(new StoreError("busy", `${count} mails wait for one process already`));
      }
      const letter = writeLetter(mail);
      const length = letter.head.length + letter.payload.length;
      const batch = batchFor(length);
      batch.letters.push(letter);
      batch.length += length;
      count += 1;
      if (!sending && count >= limits.batchMails) void sendAll();
      else if (!sending) timer ??= setTimeout(() => void sendAll(), limits.batchMs);
      return batch.delivery;
    },
  };
}

function emptyBatch(): Batch {
  let settle: Pick<Batch, "resolve" | "reject"> | undefined;
  const delivery = new Promise<Delivery>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return {
    letters: [],
    length: 0,
    delivery,
    resolve: (how) => settle?.resolve(how),
    reject: (why) => settle?.reject(why),
  };
}
