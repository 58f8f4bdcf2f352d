import { setTimeout as pause } from "node:timers/promises";
import { AT_ONCE, forEach, forEachAtRate, openViewers } from "./crew.ts";
import type { Cost } from "./server.ts";
import { inTurns, type Lane, medianCost } from "./turns.ts";
import type { Viewer } from "./viewers/viewer.ts";

export const STREAMS = 40;
/** Viewers of one process that are there from the start. */
export const THERE = 1200;
/** Rounds that do not count: V8 compiles what is called often for more than a thousand matches. Who came for them leaves again. */
const WARM_ROUNDS = 5;
/** A server has seen to departures by then, in milliseconds. */
export const LEFT_MS = 500;
const ROUNDS = 5;
/** Viewers of one process that are opened, joined or matched in one round. */
export const ROUND = 400;

export type Matching = {
  readonly open: Cost;
  readonly join: Cost;
  readonly match: Cost;
  /** A join of which nothing comes, with all that others are told of it later. */
  readonly told: Cost;
};

/** What a tracker tells later it has told by then, in milliseconds. */
export const TOLD_MS = 4000;

/** How many whole matches there are: as many as the server can take, or so many a second for each of its processes. */
export type Pace = "all" | { readonly perSecond: number };

/** Opening, joining, and whole matches in streams of 30 to 160 viewers, a few at a time. Medians of the rounds. */
export async function measureMatching(lanes: readonly Lane[], pace: Pace = "all"): Promise<Matching[]> {
  const viewers: Viewer[] = [];
  const openSome = async ({ contender, server, processes }: Lane, count: number): Promise<Viewer[]> => {
    const streams = STREAMS * processes;
    const opened = await openViewers(contender, server, count * processes, (index) => `stream-${index % streams}`);
    viewers.push(...opened);
    return opened;
  };
  const measure = (lane: Lane, some: readonly Viewer[], act: (viewer: Viewer) => Promise<void>): Promise<Cost> =>
    lane.server.measure(some.length, () => forEach(some, act, AT_ONCE * lane.processes));
  const measureMatches = (lane: Lane, some: readonly Viewer[]): Promise<Cost> => {
    const match = (viewer: Viewer): Promise<void> => viewer.match();
    if (pace === "all") return measure(lane, some, match);
    return lane.server.measure(some.length, () => forEachAtRate(some, match, pace.perSecond * lane.processes));
  };
  const takeIn = async (lane: Lane): Promise<Pick<Matching, "open" | "join">> => {
    let fresh: Viewer[] = [];
    const open = await lane.server.measure(ROUND * lane.processes, async () => {
      fresh = await openSome(lane, ROUND);
    });
    return { open, join: await measure(lane, fresh, (viewer) => viewer.join()) };
  };
  const matchSome = async (lane: Lane): Promise<Cost> => measureMatches(lane, await openSome(lane, ROUND));
  const told = async (lane: Lane): Promise<Cost> => {
    const last = await openSome(lane, ROUND);
    await pause(TOLD_MS);
    return lane.server.measure(last.length, async () => {
      await forEach(last, (viewer) => viewer.join());
      await pause(TOLD_MS);
    });
  };

  for (const lane of lanes) await forEach(await openSome(lane, THERE), (viewer) => viewer.join());
  const there = viewers.length;
  for (let warm = 0; warm < WARM_ROUNDS; warm++) {
    await inTurns(lanes, 1, takeIn);
    await inTurns(lanes, 1, matchSome);
    for (const { wire } of viewers.splice(there)) wire.close();
    await pause(LEFT_MS);
  }
  const takings = await inTurns(lanes, ROUNDS, takeIn);
  // What is told later of those who only joined would be counted for the matches.
  await pause(TOLD_MS);
  const matches = await inTurns(lanes, ROUNDS, matchSome);
  const tellings = await inTurns(lanes, 1, told);
  for (const { wire } of viewers) wire.close();
  return lanes.map((_, index) => ({
    open: medianCost((takings[index] ?? []).map(({ open }) => open)),
    join: medianCost((takings[index] ?? []).map(({ join }) => join)),
    match: medianCost(matches[index] ?? []),
    told: medianCost(tellings[index] ?? []),
  }));
}
