import type { Contender } from "./contenders.ts";
import { joinAll } from "./crew.ts";
import type { Server } from "./server.ts";
import type { Viewer } from "./viewers/viewer.ts";

/** Viewers of one stream. */
const STREAM_VIEWERS = 500;

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
