import type { FragmentLoaderContext, LoaderCallbacks, LoaderStats } from "hls.js";
import type { CdnFault, FillReport, Millis } from "../engine/types.ts";
import type { Clock } from "../session/ports.ts";
import type { OpenWish, WishEvents } from "../session/requests.ts";
import { firstByteAt, type LoadTimes, type NetworkEstimate, timesOf } from "./abr-accounting.ts";
import type { RunningLoad } from "./running-load.ts";

/** What one load needs of the session and of hls.js. */
export type SessionLoadParts = {
  readonly clock: Clock;
  readonly context: FragmentLoaderContext;
  readonly stats: LoaderStats;
  readonly callbacks: LoaderCallbacks<FragmentLoaderContext>;
  /** Nothing may take longer than this, in milliseconds: a last resort, so that hls.js can help itself. */
  readonly atMostMs: Millis;
  readonly network: () => NetworkEstimate;
  readonly open: (events: WishEvents) => OpenWish;
  /** The segment came without telling of the network: hls.js is not to take a sample of it. */
  readonly onUnmeasured: (stats: LoaderStats, test: boolean) => void;
};

/** Loads one fragment through the session. Each load ends in exactly one callback, or in none when it is destroyed. */
export function loadThroughSession(parts: SessionLoadParts): RunningLoad {
  const { callbacks, clock, context, network, stats } = parts;
  let wish: OpenWish | undefined;
  let over = false;

  const end = (last: () => void): void => {
    if (over) return;
    over = true;
    cancelWatchdog();
    last();
  };
  // hls.js expects no answer before `load` has returned.
  const soon = (last: () => void): void => (wish === undefined ? queueMicrotask(() => end(last)) : end(last));

  const succeed = (data: ArrayBuffer, report: FillReport): void => {
    const { measured, ...times } = timesOf(report, clock.now(), network());
    stats.loading = times;
    stats.loaded = stats.total = data.byteLength;
    stats.bwEstimate = (data.byteLength * 8000) / Math.max(1, times.end - times.first);
    if (!measured) parts.onUnmeasured(stats, context.frag.bitrateTest === true);
    callbacks.onProgress?.(stats, context, data, null);
    callbacks.onSuccess({ url: context.url, data, code: 200 }, stats, context, null);
  };

  const fail = (fault: CdnFault): void => {
    if (fault.kind === "timeout") callbacks.onTimeout(stats, context, null);
    else callbacks.onError(errorOf(fault), context, null, stats);
  };

  const giveUp = (): void => {
    stats.aborted = true;
    wish?.abandon();
  };

  const cancelWatchdog = clock.after(parts.atMostMs, () =>
    end(() => {
      giveUp();
      callbacks.onTimeout(stats, context, null);
    }),
  );
  stats.loading = whileLoading(clock, stats, () => wish?.cdn(), network);
  wish = parts.open({
    onDone: (data, report) => soon(() => succeed(data, report)),
    onFailed: (fault) => soon(() => fail(fault)),
    onProgress: (held, bytes) => {
      if (over) return;
      stats.loaded = held;
      if (bytes !== undefined) stats.total = bytes;
    },
  });

  return {
    abort: () =>
      end(() => {
        giveUp();
        callbacks.onAbort?.(stats, context, null);
      }),
    destroy: () => end(giveUp),
  };
}

/** `loading` of a load under way; `first` is worked out when hls.js looks. */
function whileLoading(
  clock: Clock,
  stats: LoaderStats,
  cdn: () => ReturnType<OpenWish["cdn"]>,
  network: () => NetworkEstimate,
): LoadTimes {
  const start = clock.now();
  return {
    start,
    get first() {
      return firstByteAt(clock.now(), start, stats.loaded, cdn(), network());
    },
    set first(_) {
      // Ours to say until the load is over; then the whole object is replaced.
    },
    end: 0,
  };
}

/**
 * What hls.js hears. It retries what is not 4xx and not 0 (which stands for a refused cross-origin request): a body that is not
 * what the head promised came with a good status, and may be right the next time.
 */
function errorOf(fault: Exclude<CdnFault, { kind: "timeout" }>): { code: number; text: string } {
  switch (fault.kind) {
    case "http":
      return { code: fault.status, text: `the CDN answered with status ${fault.status}` };
    case "network":
      return { code: 0, text: "the CDN could not be reached" };
    case "wrong-size":
      return { code: 200, text: "the CDN's answer has not the size it promised" };
    case "changed":
      return { code: 200, text: "the segment changed at the CDN while it was fetched" };
  }
}
