import { setTimeout as pause } from "node:timers/promises";
import { AT_ONCE, forEach, openViewers } from "./crew.ts";
import { LEFT_MS, ROUND, STREAMS, THERE } from "./matching.ts";
import type { Cost } from "./server.ts";
import { inTurns, type Lane, medianCost } from "./turns.ts";
import type { Viewer } from "./viewers/viewer.ts";

/** Rounds that do not count: V8 compiles what is called often for more than a thousand of them. */
const WARM_ROUNDS = 6;
const ROUNDS = 9;

export type Introduction = { readonly open: Cost; readonly join: Cost };

/**
 * Opening, and joining as each tracker's own clients do. bittorrent-tracker's comes with five offers, which are passed on at once, and by
 * which alone it introduces anybody; Shoal's is introduced to five by joining, and calls them afterwards.
 */
export async function measureIntroductions(lanes: readonly Lane[]): Promise<Introduction[]> {
  const there: Viewer[] = [];
  const openSome = ({ contender, server }: Lane, count: number): Promise<Viewer[]> =>
    openViewers(contender, server, count, (index) => `stream-${index % STREAMS}`);
  const round = async (lane: Lane): Promise<Introduction> => {
    let fresh: Viewer[] = [];
    const open = await lane.server.measure(ROUND, async () => {
      fresh = await openSome(lane, ROUND);
    });
    const join = await lane.server.measure(ROUND, () => forEach(fresh, (viewer) => viewer.introduce(), AT_ONCE));
    for (const { wire } of fresh) wire.close();
    await pause(LEFT_MS);
    return { open, join };
  };
  for (const lane of lanes) {
    const opened = await openSome(lane, THERE);
    await forEach(opened, (viewer) => viewer.join());
    there.push(...opened);
  }
  await inTurns(lanes, WARM_ROUNDS, round);
  const rounds = await inTurns(lanes, ROUNDS, round);
  for (const { wire } of there) wire.close();
  return rounds.map((found) => ({
    open: medianCost(found.map(({ open }) => open)),
    join: medianCost(found.map(({ join }) => join)),
  }));
}
