import { LIMITS, type SessionId, type StreamId } from "../../tracker/protocol/index.ts";
import { shortHash } from "../hls/short-hash.ts";

/** Where a viewer's name lies in the page's `localStorage`. */
export const VIEWER_KEY = "shoal-viewer";

/**
 * The viewer's name for all its visits to this site, 128 random bits, so that whoever is held out stays so. `undefined` where the
 * page may keep nothing.
 */
export function viewerId(): string | undefined {
  try {
    const kept = localStorage.getItem(VIEWER_KEY) ?? "";
    if (/^[\w-]{22}$/.test(kept)) return kept;
    const made = newSessionId();
    localStorage.setItem(VIEWER_KEY, made);
    return made;
  } catch {
    // Forbidden, or full: the tracker goes by the session then.
    return undefined;
  }
}

/** 128 random bits, base64url. */
export function newSessionId(): SessionId {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") as SessionId;
}

/**
 * What the viewers of a stream have in common: the site's own name for it, or the manifest URL without query and fragment.
 * `undefined` for a manifest that only this page can see, such as a `blob:` URL.
 */
export function streamIdOf(ownName: string | undefined, manifestUrl: string): StreamId | undefined {
  if (ownName !== undefined) return ownName as StreamId;
  if (!URL.canParse(manifestUrl)) return undefined;
  const { protocol, origin, pathname } = new URL(manifestUrl);
  if (protocol !== "http:" && protocol !== "https:") return undefined;
  const name = origin + pathname;
  if (name.length <= LIMITS.streamLength) return name as StreamId;
  return `${name.slice(0, LIMITS.streamLength - 16)}#${shortHash(name)}` as StreamId;
}
