import type Hls from "hls.js";
import { subscriber } from "../hls/subscribe.ts";

/** Time between two attempts at the same kind of rescue, in milliseconds. */
const PAUSE_MS = 5_000;

/**
 * What every page with an hls.js of its own does upon a fatal error, for pages that have none: decodes anew, or loads on after a
 * pause. An error that comes back at once is left alone.
 */
export function recoverFromErrors(hls: Hls, retry: () => void): void {
  const { on, Events } = subscriber(hls);
  let decodedAnewAt = Number.NEGATIVE_INFINITY;
  on(Events.ERROR, (_, { fatal, type }) => {
    if (!fatal) return;
    const kind: string = type;
    if (kind === "networkError") {
      setTimeout(retry, PAUSE_MS);
    } else if (kind === "mediaError" && performance.now() - decodedAnewAt > PAUSE_MS) {
      decodedAnewAt = performance.now();
      hls.recoverMediaError();
    }
  });
}
