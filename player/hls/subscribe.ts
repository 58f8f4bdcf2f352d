import type Hls from "hls.js";
import type { HlsListeners } from "hls.js";

/** Listens to an hls.js instance; `stop` takes every listener off again. */
export type Subscribe = {
  readonly Events: typeof Hls.Events;
  readonly on: <E extends keyof HlsListeners>(event: E, listener: HlsListeners[E]) => void;
  readonly stop: () => void;
};

/** The class of an instance that somebody else made, with its constants; nothing of hls.js is imported for them. */
export const classOf = (hls: Hls): typeof Hls => hls.constructor as typeof Hls;

export function subscriber(hls: Hls): Subscribe {
  const offs: (() => void)[] = [];
  return {
    Events: classOf(hls).Events,
    on: (event, listener) => {
      hls.on(event, listener);
      offs.push(() => hls.off(event, listener));
    },
    stop: () => {
      for (const off of offs.splice(0)) off();
    },
  };
}
