import type { Connection } from "./connection.ts";
import { inGusts } from "./gusts.ts";

/** Goes to those who have news that no other message has taken along. */
export type NewsRound = {
  /** Somebody has news. */
  readonly add: (connection: Connection) => void;
  readonly stop: () => void;
};

/** Visits in the time that news waits: that many small rounds, since a crowd's news at once would keep others waiting. */
const VISITS = 20;

/** News waits `newsMs` at most, but for the time that a round itself takes. */
export function createNewsRound(newsMs: number): NewsRound {
  /** A wheel: who has news sits down behind the last to be visited, and is visited when it has gone round once. */
  const seats = Array.from({ length: VISITS }, (): Connection[] => []);
  let at = 0;
  let seated = 0;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    timer = seated > 0 ? setTimeout(visit, newsMs / VISITS) : undefined;
  };
  const visit = (): void => {
    at = (at + 1) % VISITS;
    const visited = seats[at] ?? [];
    seats[at] = [];
    seated -= visited.length;
    void inGusts(visited, (connection) => connection.tellNews());
    wait();
  };
  return {
    add(connection) {
      seats[at]?.push(connection);
      seated += 1;
      if (!timer) wait();
    },
    stop: () => clearTimeout(timer),
  };
}
