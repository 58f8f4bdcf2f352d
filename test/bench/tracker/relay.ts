import { forEach, openViewers } from "./crew.ts";
import type { Cost } from "./server.ts";
import { inTurns, type Lane, medianCost } from "./turns.ts";
import type { Viewer } from "./viewers/viewer.ts";

const PAIRS = 64;
const ROUNDS = 5;
/** Signals of one round. */
const RELAYS = 16_000;

/** Signals of 1.5 KB that go to and fro inside pairs. Medians of the rounds. */
export async function measureRelay(lanes: readonly Lane[]): Promise<Cost[]> {
  const viewers = new Map<Lane, readonly Viewer[]>();
  for (const lane of lanes) {
    const { contender, server } = lane;
    const opened = await openViewers(contender, server, 2 * PAIRS, (index) => `pair-${Math.floor(index / 2)}`);
    for (const viewer of opened) await viewer.join();
    viewers.set(lane, opened);
  }
  const round = (lane: Lane): Promise<Cost> => {
    const all = viewers.get(lane) ?? [];
    const pairs = Array.from({ length: PAIRS }, (_, pair) => all.slice(2 * pair, 2 * pair + 2));
    const relayAll = () => forEach(pairs, async ([one, other]) => other && one?.relay(other, RELAYS / PAIRS), PAIRS);
    return lane.server.measure(RELAYS, relayAll);
  };
  await inTurns(lanes, 1, round);
  const rounds = await inTurns(lanes, ROUNDS, round);
  for (const opened of viewers.values()) for (const { wire } of opened) wire.close();
  return rounds.map(medianCost);
}
