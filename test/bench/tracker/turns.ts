import type { Contender } from "./contenders.ts";
import { median } from "./median.ts";
import type { Cost, Server } from "./server.ts";

/** One of several that are measured in turns. */
export type Lane = {
  readonly contender: Contender;
  readonly server: Server;
  /** Processes that make up the server: each gets the work of one. */
  readonly processes: number;
};

/**
 * Lets lane after lane do a round, again and again, so that a machine that is quicker in one minute than in the next is so for all of
 * them. Answers with what the rounds of each lane found.
 */
export async function inTurns<T>(
  lanes: readonly Lane[],
  rounds: number,
  round: (lane: Lane) => Promise<T>,
): Promise<T[][]> {
  const found = lanes.map((): T[] => []);
  for (let turn = 0; turn < rounds; turn++) {
    for (const [index, lane] of lanes.entries()) found[index]?.push(await round(lane));
  }
  return found;
}

export function medianCost(costs: readonly Cost[]): Cost {
  const of = (what: keyof Cost): number => median(costs.map((cost) => cost[what]));
  return {
    micros: of("micros"),
    perSecond: of("perSecond"),
    serverShare: of("serverShare"),
    generatorShare: of("generatorShare"),
  };
}
