/** Names under which Shoal's own server hands out the player. */
const OWN_FILES = /\/(player\.js|shoal\.mjs)$/;

/**
 * The tracker to use when the page names none: the folder that Shoal's script came from. Built into a site's own bundle, all that is
 * known is the bundle's origin; without a script URL it is the page's.
 */
export function trackerBase(scriptUrl: string | undefined, pageOrigin: string): string {
  if (scriptUrl === undefined || !URL.canParse(scriptUrl)) return pageOrigin;
  const url = new URL(scriptUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") return pageOrigin;
  return OWN_FILES.test(url.pathname) ? url.origin + url.pathname.replace(OWN_FILES, "/") : url.origin;
}
