/** Resources whose version is remembered: those of which a part may still be held and the rest asked for. */
const MOST_REMEMBERED = 128;

/** Which version of each resource the origin sent last, so that parts of two are never put together. */
export type Versions = {
  /**
   * Notes the version that an answer's headers tell (RFC 9110 section 8.8). True when it is another than the one before; false
   * also when that cannot be told, because the origin names no version or the page may not read it.
   */
  readonly changed: (url: string, headers: Headers) => boolean;
};

/** A validator's text; `undefined` where the header is absent or hidden by CORS, as ETag is unless the origin exposes it. */
type Version = { readonly etag: string | undefined; readonly modified: string | undefined };

export function createVersions(): Versions {
  const known = new Map<string, Version>();
  return {
    changed(url, headers) {
      const before = known.get(url);
      const version = {
        etag: headers.get("etag") ?? before?.etag,
        modified: headers.get("last-modified") ?? before?.modified,
      };
      known.delete(url);
      known.set(url, version);
      for (const oldest of known.keys()) {
        if (known.size <= MOST_REMEMBERED) break;
        known.delete(oldest);
      }
      return before !== undefined && differ(before, version);
    },
  };
}

/** By their entity tags, and by their dates only where a tag is missing: hosts of one CDN often disagree about dates. */
function differ(a: Version, b: Version): boolean {
  if (a.etag !== undefined && b.etag !== undefined) return a.etag !== b.etag;
  return a.modified !== undefined && b.modified !== undefined && a.modified !== b.modified;
}
