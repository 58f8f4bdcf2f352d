import type { Connection } from "./connection.ts";
import { MISSED_PONGS } from "./timings.ts";

/** Turns of the wheel in which everybody is pinged once: that many short walks instead of one long one. */
const SPOKES = 16;

/** Pings every connection each `pingMs`, and cuts those that have answered none of the last `MISSED_PONGS`. */
export type Heartbeat = {
  readonly add: (connection: Connection) => void;
  readonly remove: (connection: Connection) => void;
  readonly stop: () => void;
};

/** One timer for all: a wheel on whose spokes the connections sit. */
export function startHeartbeat(pingMs: number): Heartbeat {
  const spokes = Array.from({ length: SPOKES }, () => new Set<Connection>());
  const seats = new WeakMap<Connection, Set<Connection>>();
  let turn = 0;
  const timer = setInterval(() => {
    turn = (turn + 1) % SPOKES;
    for (const connection of spokes[turn] ?? []) {
      if (connection.unanswered >= MISSED_PONGS) connection.cut();
      else connection.ping();
    }
  }, pingMs / SPOKES);
  return {
    add(connection) {
      const spoke = spokes[turn];
      spoke?.add(connection);
      if (spoke) seats.set(connection, spoke);
    },
    remove(connection) {
      seats.get(connection)?.delete(connection);
    },
    stop: () => clearInterval(timer),
  };
}
