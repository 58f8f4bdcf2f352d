import type { CdnSource } from "../session/ports.ts";

/** What is asked of the origin. All places are bytes of the resource behind the URL, which may hold more than the segment. */
export type Ask = {
  /** Where the segment begins in the resource. */
  readonly base: number;
  /** First byte wanted of the segment. */
  readonly from: number;
  /** End (exclusive) of what is wanted of the segment; `undefined`: its end, wherever that is. */
  readonly to: number | undefined;
  /** Size of the segment where the playlist gives it by a byte range. */
  readonly size: number | undefined;
  /** The resource's bytes to ask for, `last` inclusive; `undefined` when all of it is wanted and no Range header is needed. */
  readonly range: { readonly first: number; readonly last: number | undefined } | undefined;
};

/** Works out the request for bytes `from` to `to` (exclusive) of a segment. `source.range.end` is exclusive. */
export function askFor(source: CdnSource, from: number, to: number | undefined): Ask {
  const { range } = source;
  const base = range?.start ?? 0;
  const size = range === undefined ? undefined : range.end - range.start;
  const upTo = to === undefined || size === undefined ? to : Math.min(to, size);
  const end = upTo ?? size;
  const whole = from === 0 && end === undefined;
  return {
    base,
    from,
    to: upTo,
    size,
    range: whole ? undefined : { first: base + from, last: end === undefined ? undefined : base + end - 1 },
  };
}

/** The Range header (RFC 9110 section 14.1.2). One range with a start needs no CORS preflight (Fetch, CORS-safelisted). */
export const rangeHeader = ({ first, last }: NonNullable<Ask["range"]>): string => `bytes=${first}-${last ?? ""}`;
