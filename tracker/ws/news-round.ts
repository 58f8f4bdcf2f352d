import type { Connection } from "./connection.ts";

/** Goes round, now and then, to those who have news that no other message has taken along. */
export type NewsRound = {
  /** Somebody has news. */
  readonly add: (connection: Connection) => void;
  readonly stop: () => void;
};

/** Viewers told in one turn of the event loop. */
const GUST = 128;

/** News waits `newsMs` at most, but for the time that a round itself takes. */
export function createNewsRound(newsMs: number): NewsRound {
  let waiting = new Set<Connection>();
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    timer = undefined;
    const told = waiting;
    waiting = new Set();
    let count = 0;
    for (const connection of told) {
      connection.tellNews();
      // Between gusts others are heard.
      if (++count % GUST === 0) await new Promise(setImmediate);
    }
  };
  return {
    add(connection) {
      waiting.add(connection);
      timer ??= setTimeout(() => void round(), newsMs);
    },
    stop: () => clearTimeout(timer),
  };
}
