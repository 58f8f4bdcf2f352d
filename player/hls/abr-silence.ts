import type Hls from "hls.js";
import type { LoaderStats } from "hls.js";
import { type Subscribe, subscriber } from "./subscribe.ts";

/** Keeps hls.js from taking a bandwidth sample of segments that say nothing about the network. */
export type AbrSilence = {
  /** These are the statistics of such a segment; `test`: of a bitrate test, which is sampled as soon as it is loaded. */
  readonly hush: (stats: LoaderStats, test: boolean) => void;
  readonly stop: () => void;
};

/**
 * hls.js samples no load that was `aborted`. The flag is set for the moment in which it looks: between a fragment's parsing and
 * its buffering; nothing else reads it then. hls.js' own listeners were there before ours, so it has looked when ours is called.
 */
export function silenceAbr(hls: Hls): AbrSilence {
  const hushed = new WeakSet<LoaderStats>();
  const { on, stop, Events }: Subscribe = subscriber(hls);
  const speakAgain = (stats: LoaderStats): void => {
    if (hushed.delete(stats)) stats.aborted = false;
  };
  on(Events.FRAG_PARSED, (_, { frag }) => {
    if (hushed.has(frag.stats)) frag.stats.aborted = true;
  });
  on(Events.FRAG_BUFFERED, (_, { frag }) => speakAgain(frag.stats));
  on(Events.FRAG_LOADED, (_, { frag }) => {
    // Set this early only for a bitrate test.
    if (frag.stats.aborted) speakAgain(frag.stats);
  });
  return {
    hush: (stats, test) => {
      hushed.add(stats);
      if (test) stats.aborted = true;
    },
    stop,
  };
}
