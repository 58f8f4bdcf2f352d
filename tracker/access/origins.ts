/** Pages that may use this tracker: all, or these exact origins (RFC 6454). */
export type Origins = "*" | ReadonlySet<string>;

/**
 * Is a page's `Origin` header on the list. With a list, a request without the header is refused too: a browser always sends it,
 * and another program can send one that is on the list.
 */
export function originAllowed(origins: Origins, header: string | undefined): boolean {
  return origins === "*" || (header !== undefined && origins.has(header));
}
