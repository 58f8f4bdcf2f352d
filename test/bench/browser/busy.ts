import { cpus } from "node:os";

/** Above this share of all cores browsers have to wait for one: decoding itself falls behind, whoever delivers. */
export const OVERLOADED = 0.9;

export const OVERLOAD_WARNING =
  "The machine was at its limit: with no core free, players decode too slowly, plain hls.js as well. Starts, stalls and the time behind\n" +
  "live then tell of the machine; run this on a quicker one, or when nothing else runs, before you go by them.";

/** Starts to count, over all cores. Asked later, it answers with the share of their time since in which they were busy, 0 to 1. */
export function watchCores(): () => number {
  const before = times();
  return () => {
    const now = times();
    const all = now.all - before.all;
    return all === 0 ? 0 : 1 - (now.idle - before.idle) / all;
  };
}

function times(): { readonly idle: number; readonly all: number } {
  const cores = cpus().map((core) => core.times);
  return {
    idle: cores.reduce((sum, { idle }) => sum + idle, 0),
    all: cores.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0),
  };
}
