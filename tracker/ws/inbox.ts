import { INBOX_MESSAGES } from "./timings.ts";

/**
 * Messages of one viewer, handled one after the other in the order in which they came.
 *
 * A handler that answers at once is run at once. While one waits for the store, further messages wait too, and beyond
 * `INBOX_MESSAGES` the socket is paused, so that TCP holds the viewer back. A class to be extended, since an object for it beside
 * its owner would be one more to each socket.
 */
export abstract class Inbox<Message> {
  /** There only while something waits. */
  private waiting: Message[] | undefined;
  private busy = false;
  private paused = false;

  protected abstract handle(message: Message): void | Promise<void>;
  /** What need not wait for its turn: it is handled at once, while another message waits for the store. */
  protected abstract overtakes(message: Message): boolean;
  protected abstract onError(error: unknown): void;
  protected abstract pause(): void;
  protected abstract resume(): void;

  put(message: Message): void {
    if (!this.busy) {
      this.handleNext(message);
      return;
    }
    if (this.overtakes(message)) {
      this.start(message)?.catch((error: unknown) => this.onError(error));
      return;
    }
    this.waiting ??= [];
    this.waiting.push(message);
    if (this.paused || this.waiting.length <= INBOX_MESSAGES) return;
    this.paused = true;
    this.pause();
  }

  clear(): void {
    this.waiting = undefined;
  }

  private handleNext(message: Message): void {
    const pending = this.start(message);
    if (!pending) return;
    this.busy = true;
    pending.catch((error: unknown) => this.onError(error)).finally(() => this.goOn());
  }

  private start(message: Message): void | Promise<void> {
    try {
      return this.handle(message);
    } catch (error) {
      this.onError(error);
    }
  }

  private goOn(): void {
    this.busy = false;
    while (!this.busy) {
      const next = this.waiting?.shift();
      if (next === undefined) break;
      this.handleNext(next);
    }
    if (this.busy) return;
    this.waiting = undefined;
    if (!this.paused) return;
    this.paused = false;
    this.resume();
  }
}
