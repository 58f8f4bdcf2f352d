import type { FragmentLoaderContext, LoaderConfiguration } from "hls.js";
import type { CdnSource } from "../session/ports.ts";

/** Stands for "no limit" where a page switched a limit off: ten minutes, in milliseconds. */
const NO_LIMIT_MS = 600_000;

/** Where hls.js would get this fragment: its own resolved URL, byte range, headers and patience. */
export function cdnSourceOf(
  context: Pick<FragmentLoaderContext, "url" | "headers" | "rangeStart" | "rangeEnd">,
  config: Pick<LoaderConfiguration, "loadPolicy">,
): CdnSource {
  const { maxLoadTimeMs, maxTimeToFirstByteMs } = config.loadPolicy;
  const { headers, rangeEnd, rangeStart, url } = context;
  const totalMs = limit(maxLoadTimeMs, NO_LIMIT_MS);
  return {
    url,
    // hls.js says 0 for both when there is no range; its end is exclusive.
    ...(rangeEnd ? { range: { start: rangeStart ?? 0, end: rangeEnd } } : {}),
    headers: headers ?? {},
    // As XMLHttpRequest does by default. A page that wants credentials says so in `xhrSetup`, and then hls.js' own loader is used.
    withCredentials: false,
    firstByteMs: limit(maxTimeToFirstByteMs, totalMs),
    totalMs,
  };
}

const limit = (ms: number, otherwise: number): number => (ms > 0 && Number.isFinite(ms) ? ms : otherwise);
