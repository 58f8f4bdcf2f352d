import { setTimeout as pause } from "node:timers/promises";
import type { Contender } from "./contenders.ts";
import type { Address } from "./server.ts";
import type { Viewer } from "./viewers/viewer.ts";

/** What is done at once where many viewers do something. */
export const AT_ONCE = 32;
/** Viewers of a crowd that are opened before they join: a server hangs up on those who open a socket and say nothing. */
const GROUP = 400;

/** Does something for each item, a few at a time. */
export async function forEach<T>(
  items: readonly T[],
  act: (item: T, index: number) => Promise<unknown>,
  atOnce = AT_ONCE,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await act(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Does something for `perSecond` items a second, however long each takes. */
export async function forEachAtRate<T>(
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
  perSecond: number,
): Promise<void> {
  const start = performance.now();
  const acts: Promise<unknown>[] = [];
  while (acts.length < items.length) {
    const due = Math.min(items.length, 1 + ((performance.now() - start) / 1000) * perSecond);
    for (const item of items.slice(acts.length, due)) acts.push(act(item));
    await pause(TICK_MS);
  }
  await Promise.all(acts);
}

const TICK_MS = 2;

/** Opens `count` viewers. */
export async function openViewers(
  { open }: Contender,
  server: Address,
  count: number,
  streamOf: (index: number) => string,
): Promise<Viewer[]> {
  const viewers: Viewer[] = [];
  await forEach(Array.from({ length: count }), async (_, index) => {
    viewers[index] = await open(server, streamOf(index));
  });
  return viewers;
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
    const fresh = await openViewers(contender, server, Math.min(GROUP, count - from), (index) =>
      streamOf(from + index),
    );
    await forEach(fresh, (viewer) => viewer.join());
    viewers.push(...fresh);
  }
  return viewers;
}
