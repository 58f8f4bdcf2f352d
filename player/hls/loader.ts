import type {
  FragmentLoaderConstructor,
  FragmentLoaderContext,
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
} from "hls.js";
import type { CdnReason } from "../../worker/protocol/index.ts";
import type { Millis } from "../engine/types.ts";
import type { SegmentKey } from "../protocol/index.ts";
import type { Clock } from "../session/ports.ts";
import type { OpenWish, Wish, WishEvents } from "../session/requests.ts";
import type { NetworkEstimate } from "./abr-accounting.ts";
import { cdnSourceOf } from "./cdn-source.ts";
import { loadPlainly } from "./plain-load.ts";
import type { RunningLoad } from "./running-load.ts";
import { loadThroughSession } from "./session-load.ts";

/** What the loader needs of those who know the session and the hls.js instance. */
export type LoaderBindings = {
  readonly clock: Clock;
  /** The segment's name among viewers; `undefined` for all that is not for the mesh. */
  readonly keyOf: (context: FragmentLoaderContext) => SegmentKey | undefined;
  readonly whenNeeded: (context: FragmentLoaderContext) => { readonly deadline: Millis; readonly start: boolean };
  readonly open: (wish: Wish, events: WishEvents) => OpenWish;
  readonly countBought: (bytes: number, reason: CdnReason, played: number) => void;
  /** The loader that hls.js would use without Shoal. */
  readonly plainLoader: (config: HlsConfig) => FragmentLoaderConstructor;
  readonly network: () => NetworkEstimate;
  readonly onUnmeasured: (stats: LoaderStats, test: boolean) => void;
};

/**
 * Makes the class for hls.js' `config.fLoader`. Whole media segments go through the session; everything else (initialisation
 * segments, parts, subtitles, I-frames) to the loader that hls.js would have used, and is only counted.
 */
export function createFragmentLoader(bindings: LoaderBindings): FragmentLoaderConstructor {
  return class FragmentLoader implements Loader<FragmentLoaderContext> {
    context: FragmentLoaderContext | null = null;
    /** hls.js takes these before `load`, when it is not known yet who will load: so both ways share the plain loader's. */
    readonly stats: LoaderStats;
    private readonly plain: Loader<FragmentLoaderContext>;
    private running: RunningLoad | undefined;

    constructor(config: HlsConfig) {
      const Plain = bindings.plainLoader(config);
      this.plain = new Plain(config);
      this.stats = this.plain.stats;
    }

    load(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): void {
      this.context = context;
      const key = bindings.keyOf(context);
      this.running =
        key === undefined
          ? loadPlainly(this.plain, context, config, callbacks, (bytes, played) =>
              bindings.countBought(bytes, "policy", played),
            )
          : this.ask(key, context, config, callbacks);
    }

    private ask(
      key: SegmentKey,
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ): RunningLoad {
      const { clock, network, onUnmeasured } = bindings;
      const source = cdnSourceOf(context, config);
      const { deadline, start } = bindings.whenNeeded(context);
      return loadThroughSession({
        clock,
        context,
        stats: this.stats,
        callbacks,
        atMostMs: Math.max(0, deadline - clock.now()) + source.totalMs,
        network,
        onUnmeasured,
        open: (events) => bindings.open({ key, source, deadline, start }, events),
      });
    }

    abort(): void {
      this.running?.abort();
    }

    destroy(): void {
      this.running?.destroy();
      this.running = undefined;
      this.context = null;
    }

    getCacheAge(): number | null {
      return this.plain.getCacheAge?.() ?? null;
    }

    getResponseHeader(name: string): string | null {
      return this.plain.getResponseHeader?.(name) ?? null;
    }
  };
}
