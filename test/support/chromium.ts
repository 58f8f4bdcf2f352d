import { existsSync } from "node:fs";

/**
 * Background throttling is off because several windows stand for several machines; local addresses are shown because no mDNS
 * answers in a container.
 */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--autoplay-policy=no-user-gesture-required",
  "--disable-background-networking",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
] as const;

/** Where Debian puts Chromium. */
export function chromiumPath(): string {
  const path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (path === undefined) throw new Error("chromium is not installed; `npm test` installs it or says how");
  return path;
}
