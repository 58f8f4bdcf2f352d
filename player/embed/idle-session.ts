import type { ShoalEvents, Watched } from "./api.ts";
import { createEmitter } from "./emitter.ts";
import { NO_FIGURES, statsOf } from "./views.ts";

/** For a page where Shoal stays out of the way: all figures are zero. `why` is told in words. */
export function createIdleSession(why: string): Watched {
  const { on, emit } = createEmitter<ShoalEvents>();
  queueMicrotask(() => emit("tracker", { state: "off", detail: why }));
  const stats = { ...statsOf(NO_FIGURES), trackerDetail: why };
  return { stats: () => stats, peers: () => [], on, destroy: () => undefined };
}
