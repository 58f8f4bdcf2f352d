import type { FragmentLoaderContext, Loader, LoaderCallbacks, LoaderConfiguration } from "hls.js";
import type { RunningLoad } from "./running-load.ts";

/** Loads past the session, with the loader that hls.js would have used, and counts what came over the wire. */
export function loadPlainly(
  plain: Loader<FragmentLoaderContext>,
  context: FragmentLoaderContext,
  config: LoaderConfiguration,
  callbacks: LoaderCallbacks<FragmentLoaderContext>,
  /** Told once: bytes from the CDN, and those of them that hls.js got. */
  count: (bytes: number, played: number) => void,
): RunningLoad {
  // Kept, because hls.js' loaders forget their statistics when they are destroyed.
  const { stats } = plain;
  let counted = false;
  const over = (success: boolean): void => {
    if (counted) return;
    counted = true;
    if (stats.loaded > 0) count(stats.loaded, success ? stats.loaded : 0);
  };
  plain.load(context, config, {
    ...callbacks,
    onSuccess: (...told) => {
      over(true);
      callbacks.onSuccess(...told);
    },
    onError: (...told) => {
      over(false);
      callbacks.onError(...told);
    },
    onTimeout: (...told) => {
      over(false);
      callbacks.onTimeout(...told);
    },
    onAbort: (...told) => {
      over(false);
      callbacks.onAbort?.(...told);
    },
  });
  return {
    abort: () => plain.abort(),
    destroy: () => {
      over(false);
      plain.destroy();
    },
  };
}
