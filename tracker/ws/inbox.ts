import { INBOX_MESSAGES } from "./timings.ts";

/** Whose messages they are. */
export type InboxOwner<Message> = {
  readonly handle: (message: Message) => void | Promise<void>;
  /** What need not wait for its turn: it is handled at once, while another message waits for the store. */
  readonly overtakes: (message: Message) => boolean;
  readonly onError: (error: unknown) => void;
  readonly pause: () => void;
  readonly resume: () => void;
};

/**
 * Messages of one viewer, handled one after the other in the order in which they came.
 *
 * A handler that answers at once is run at once. While one waits for the store, further messages wait too, and beyond
 * `INBOX_MESSAGES` the socket is paused, so that TCP holds the viewer back.
 */
export class Inbox<Message> {
  private readonly owner: InboxOwner<Message>;
  /** There only while something waits. */
  private waiting: Message[] | undefined;
  private busy = false;
  private paused = false;

  constructor(owner: InboxOwner<Message>) {
    this.owner = owner;
  }

  put(message: Message): void {
    if (!this.busy) {
      this.handle(message);
      return;
    }
    if (this.owner.overtakes(message)) {
      this.start(message)?.catch((error: unknown) => this.owner.onError(error));
      return;
    }
    this.waiting ??= [];
    this.waiting.push(message);
    if (this.paused || this.waiting.length <= INBOX_MESSAGES) return;
    this.paused = true;
    this.owner.pause();
  }

  clear(): void {
    this.waiting = undefined;
  }

  private handle(message: Message): void {
    const pending = this.start(message);
    if (!pending) return;
    this.busy = true;
    pending.catch((error: unknown) => this.owner.onError(error)).finally(() => this.goOn());
  }

  private start(message: Message): void | Promise<void> {
    try {
      return this.owner.handle(message);
    } catch (error) {
      this.owner.onError(error);
    }
  }

  private goOn(): void {
    this.busy = false;
    while (!this.busy) {
      const next = this.waiting?.shift();
      if (next === undefined) break;
      this.handle(next);
    }
    if (this.busy) return;
    this.waiting = undefined;
    if (!this.paused) return;
    this.paused = false;
    this.owner.resume();
  }
}
