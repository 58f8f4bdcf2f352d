import type Hls from "hls.js";
import type { Subscribe } from "./subscribe.ts";

/**
 * Lets hls.js load its first segment while the page's video is being attached. hls.js looks for that segment when the playlist has
 * come; where the media source has not opened by then it looks again every 100 ms, and up to so much is lost. Its own
 * `startFragPrefetch` spares that. It is on from the page's `attachMedia` until the source is open, when it is certain that the
 * segment will be played; then the page's setting is back. Returns how to put it back before.
 */
export function startWhileAttaching({ config }: Hls, { on, Events }: Pick<Subscribe, "on" | "Events">): () => void {
  let own: boolean | undefined;
  const putBack = (): void => {
    if (own !== undefined) config.startFragPrefetch = own;
    own = undefined;
  };
  on(Events.MEDIA_ATTACHING, () => {
    own ??= config.startFragPrefetch;
    config.startFragPrefetch = true;
  });
  on(Events.MEDIA_ATTACHED, putBack);
  on(Events.MEDIA_DETACHING, putBack);
  return putBack;
}
