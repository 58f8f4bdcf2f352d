import type { ShoalEvents, ShoalSession } from "./api.ts";
import { createEmitter } from "./emitter.ts";
import { NO_FIGURES, statsOf } from "./views.ts";

/** For a page where Shoal stays out of the way: all figures are zero. `why` is told to who listens to `tracker` from the start. */
export function createIdleSession(why: string): ShoalSession {
  const { on, emit } = createEmitter<ShoalEvents>();
  queueMicrotask(() => emit("tracker", { state: "off", detail: why }));
  return { stats: () => statsOf(NO_FIGURES), peers: () => [], on, destroy: () => undefined };
}
