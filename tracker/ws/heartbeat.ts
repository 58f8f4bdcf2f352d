import { inGusts } from "./gusts.ts";
import { MISSED_PONGS } from "./timings.ts";

/** Turns of the wheel in which everybody is pinged once: that many short walks instead of one long one. */
const SPOKES = 16;

/** What is pinged. */
export type Beating = {
  /** Pings since it was last heard. */
  readonly unanswered: number;
  /** Where on the wheel it sits. */
  spoke: number;
  readonly ping: () => void;
  readonly cut: () => void;
};

/** Pings every connection each `pingMs`, and cuts those that have answered none of the last `MISSED_PONGS`. */
export type Heartbeat = {
  readonly add: (connection: Beating) => void;
  readonly remove: (connection: Beating) => void;
  readonly stop: () => void;
};

/** One timer for all: a wheel on whose spokes the connections sit, evenly, however many came at once. */
export function startHeartbeat(pingMs: number): Heartbeat {
  const spokes = Array.from({ length: SPOKES }, () => new Set<Beating>());
  let turn = 0;
  let seat = 0;
  const beat = (connection: Beating): void => {
    if (connection.unanswered >= MISSED_PONGS) connection.cut();
    else connection.ping();
  };
  const timer = setInterval(() => {
    turn = (turn + 1) % SPOKES;
    void inGusts(spokes[turn] ?? [], beat);
  }, pingMs / SPOKES);
  return {
    add(connection) {
      seat = (seat + 1) % SPOKES;
      connection.spoke = seat;
      spokes[seat]?.add(connection);
    },
    remove(connection) {
      spokes[connection.spoke]?.delete(connection);
    },
    stop: () => clearInterval(timer),
  };
}
