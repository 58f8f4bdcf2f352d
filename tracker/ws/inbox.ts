import { INBOX_MESSAGES } from "./timings.ts";

/** Messages of one viewer, handled one after the other in the order in which they came. */
export type Inbox = {
  readonly put: (text: string) => void;
  readonly clear: () => void;
};

/**
 * A handler that answers at once is run at once. While one waits for the store, further messages wait too, and beyond
 * `INBOX_MESSAGES` the socket is paused, so that TCP holds the viewer back.
 */
export function createInbox(options: {
  readonly handle: (text: string) => void | Promise<void>;
  /** What need not wait for its turn: it is handled at once, while another message waits for the store. */
  readonly overtakes: (text: string) => boolean;
  readonly onError: (error: unknown) => void;
  readonly pause: () => void;
  readonly resume: () => void;
}): Inbox {
  const waiting: string[] = [];
  let busy = false;
  let paused = false;

  const start = (text: string): void | Promise<void> => {
    try {
      return options.handle(text);
    } catch (error) {
      options.onError(error);
    }
  };
  const run = (): void => {
    while (!busy) {
      const text = waiting.shift();
      if (text === undefined) break;
      const pending = start(text);
      if (!pending) continue;
      busy = true;
      pending.catch(options.onError).finally(() => {
        busy = false;
        run();
      });
    }
    if (paused && waiting.length === 0) {
      paused = false;
      options.resume();
    }
  };

  return {
    put(text) {
      if (busy && options.overtakes(text)) {
        start(text)?.catch(options.onError);
        return;
      }
      waiting.push(text);
      run();
      if (paused || waiting.length <= INBOX_MESSAGES) return;
      paused = true;
      options.pause();
    },
    clear() {
      waiting.length = 0;
    },
  };
}
