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

type Posted = {
  readonly letter: Letter;
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
  let waiting: Posted[] = [];
  let sending = false;
  let timer: NodeJS.Timeout | undefined;

  /** As many as one message carries; at least one. */
  const take = (): Posted[] => {
    let length = 0;
    let count = 0;
    for (const { letter } of waiting) {
      length += letter.head.length + letter.payload.length;
      if (count > 0 && (count === limits.messageMails || length > limits.messageLength)) break;
      count += 1;
    }
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return taken;
  };
  const sendAll = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    sending = true;
    while (waiting.length > 0) {
      const posted = take();
      try {
        const delivery = await publish(bundle(posted.map(({ letter }) => letter)));
        for (const { resolve } of posted) resolve(delivery);
      } catch (error) {
        for (const { reject } of posted) reject(asStoreError(error));
      }
    }
    onEmpty();
  };
  const put = (posted: Posted): void => {
    waiting.push(posted);
    if (sending) return;
    if (waiting.length >= limits.batchMails) void sendAll();
    else timer ??= setTimeout(() => void sendAll(), limits.batchMs);
  };

  return {
    async post(mail) {
      if (waiting.length >= limits.waitingMails) {
        throw new StoreError("busy", `${waiting.length} mails wait for one process already`);
      }
      return new Promise((resolve, reject) => put({ letter: writeLetter(mail), resolve, reject }));
    },
  };
}
