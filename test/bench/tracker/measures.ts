import { setTimeout as pause } from "node:timers/promises";
import type { Contender } from "./contenders.ts";
import type { Address, Cost, Server } from "./server.ts";
import type { Viewer } from "./viewers/viewer.ts";

export const STREAMS = 40;
const WARM = 800;
const WARM_ROUNDS = 2;
const ROUNDS = 6;
/** Viewers opened, joined or matched in one round. */
const ROUND = 400;
const AT_ONCE = 32;
const PAIRS = 64;
const RELAYS = 40_000;
/** Viewers of one stream, where many viewers are held at once. */
const STREAM_VIEWERS = 500;

/** Does something for each item, `AT_ONCE` at a time. */
async function forEach<T>(items: readonly T[], act: (item: T, index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await act(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Opens `count` viewers, spread over streams. */
export async function openViewers(
  { open }: Contender,
  server: Address,
  count: number,
  streamOf: (index: number) => string = (index) => `stream-${index % STREAMS}`,
): Promise<Viewer[]> {
  const viewers: Viewer[] = [];
  await forEach(Array.from({ length: count }), async (_, index) => {
    viewers[index] = await open(server, streamOf(index));
  });
  return viewers;
}

export type Matching = {
  readonly open: Cost;
  readonly join: Cost;
  readonly match: Cost;
  /** A join of which nothing comes, with all that others are told of it later. */
  readonly told: Cost;
};

/** What a tracker tells later it has told by then, in milliseconds. */
export const TOLD_MS = 4000;

/**
 * Opening, joining, and whole matches in streams of 50 to 150 viewers, a few at a time: a server hangs up on viewers that open a
 * socket and say nothing.
 */
export async function measureMatching(contender: Contender, server: Server): Promise<Matching> {
  const viewers: Viewer[] = [];
  const round = async (): Promise<Omit<Matching, "told">> => {
    let fresh: Viewer[] = [];
    const open = await server.measure(ROUND, async () => {
      fresh = await openViewers(contender, server, ROUND);
    });
    const join = await server.measure(ROUND, () => forEach(fresh, (viewer) => viewer.join()));
    const matching = await openViewers(contender, server, ROUND);
    const match = await server.measure(ROUND, () => forEach(matching, (viewer) => viewer.match()));
    viewers.push(...fresh, ...matching);
    return { open, join, match };
  };
  for (const viewer of await openViewers(contender, server, WARM)) {
    await viewer.join();
    viewers.push(viewer);
  }
  for (let warm = 0; warm < WARM_ROUNDS; warm++) await round();
  const rounds: Omit<Matching, "told">[] = [];
  while (rounds.length < ROUNDS) rounds.push(await round());
  const last = await openViewers(contender, server, ROUND);
  await pause(TOLD_MS);
  const told = await server.measure(ROUND, async () => {
    await forEach(last, (viewer) => viewer.join());
    await pause(TOLD_MS);
  });
  viewers.push(...last);
  for (const { wire } of viewers) wire.close();
  const of = (what: "open" | "join" | "match"): Cost => mean(rounds.map((one) => one[what]));
  return { open: of("open"), join: of("join"), match: of("match"), told };
}

function mean(costs: readonly Cost[]): Cost {
  const of = (what: keyof Cost): number => costs.reduce((sum, cost) => sum + cost[what], 0) / costs.length;
  return {
    micros: of("micros"),
    perSecond: of("perSecond"),
    serverShare: of("serverShare"),
    generatorShare: of("generatorShare"),
  };
}

/** Signals of 1.5 KB that go to and fro inside pairs. */
export async function measureRelay(contender: Contender, server: Server): Promise<Cost> {
  const pairs = PAIRS * 2;
  const viewers = await openViewers(contender, server, pairs, (index) => `pair-${Math.floor(index / 2)}`);
  for (const viewer of viewers) await viewer.join();
  const run = (count: number) =>
    forEach(
      Array.from({ length: PAIRS }, (_, pair) => viewers.slice(2 * pair, 2 * pair + 2)),
      async ([one, other]) => other && one?.relay(other, count / PAIRS),
    );
  await run(RELAYS / 2);
  const cost = await server.measure(RELAYS, () => run(RELAYS));
  for (const { wire } of viewers) wire.close();
  return cost;
}

export type Memory = { readonly viewers: number; readonly bytes: number; readonly heapBytes: number };

/** Resident memory for each viewer that has joined and says nothing. */
export async function measureMemory(
  contender: Contender,
  server: Server,
  counts: readonly number[],
): Promise<Memory[]> {
  const streamOf = (index: number) => `stream-${Math.floor(index / STREAM_VIEWERS)}`;
  // What the first viewers of a process make it allocate once is nobody's share.
  for (const { wire } of await joinAll(contender, server, STREAM_VIEWERS, () => "warm")) wire.close();
  const empty = await server.usage("memory");
  const viewers: Viewer[] = [];
  const found: Memory[] = [];
  for (const count of counts) {
    const from = viewers.length;
    viewers.push(...(await joinAll(contender, server, count - from, (index) => streamOf(from + index))));
    const { rss, heap } = await server.usage("memory");
    found.push({ viewers: count, bytes: (rss - empty.rss) / count, heapBytes: (heap - empty.heap) / count });
  }
  for (const { wire } of viewers) wire.close();
  return found;
}

/** Opens and joins `count` viewers, a few hundred at a time. */
export async function joinAll(
  contender: Contender,
  server: Address,
  count: number,
  streamOf: (index: number) => string,
): Promise<Viewer[]> {
  const viewers: Viewer[] = [];
  while (viewers.length < count) {
    const from = viewers.length;
    const fresh = await openViewers(contender, server, Math.min(ROUND, count - from), (index) =>
      streamOf(from + index),
    );
    await forEach(fresh, (viewer) => viewer.join());
    viewers.push(...fresh);
  }
  return viewers;
}
