/** Which stream the page's address asks for. */
export type Choice =
  | { readonly kind: "live" | "vod"; readonly url: string }
  /** Somebody's own stream, by `?src=`. */
  | { readonly kind: "own"; readonly url: string };

/** Reads `?stream=live|vod` and `?src=<URL of an m3u8>`; `page` is the page's own address. Live when nothing fits. */
export function readChoice(page: string): Choice {
  const query = new URL(page).searchParams;
  const src = query.get("src");
  const own = src !== null && URL.canParse(src, page) ? new URL(src, page) : undefined;
  // Only what `fetch` can load as a playlist.
  if (own?.protocol === "http:" || own?.protocol === "https:") return { kind: "own", url: own.href };
  const kind = query.get("stream") === "vod" ? "vod" : "live";
  return { kind, url: new URL(`/demo/${kind}/master.m3u8`, page).href };
}

/** The tracker that the page's address asks for by `?tracker=`, for trying one out; else the page's own. */
export function readTracker(page: string): string | undefined {
  const tracker = new URL(page).searchParams.get("tracker");
  return tracker !== null && /^https?:/.test(tracker) && URL.canParse(tracker) ? tracker : undefined;
}
