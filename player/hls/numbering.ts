import type { LevelDetails } from "hls.js";
import type { RenditionId } from "../protocol/index.ts";

/** A stale copy of a playlist, from another host of the CDN, may end this many segments before the newest one that was seen. */
const STALE_SEGMENTS = 3;
/** How far back numbers may still be remembered: by neighbours' stores, and by the tracker, which keeps an hour or so of digests. */
const REMEMBERED_SEGMENTS = 1024;
/** A neighbour may have filled this many segments that our own playlist did not name yet. */
const AHEAD_SEGMENTS = 2;
/** Restarts remembered. */
const MOST_RANGES = 8;

/** What of a media playlist is looked at. */
export type NumberedPlaylist = Pick<LevelDetails, "startSN" | "endSN" | "targetduration"> & {
  readonly fragments: readonly Pick<LevelDetails["fragments"][number], "programDateTime">[];
};

/**
 * Notices that a live playlist begins anew (RFC 8216 section 6.2.2 forbids it, and encoders that are restarted do it): the same
 * media sequence number then names another segment than before, while neighbours and the tracker still know the old one by it.
 */
export type Numbering = {
  /** Another version of this rendition's playlist was loaded. */
  readonly follow: (rendition: RenditionId, playlist: NumberedPlaylist) => void;
  /** True for a number that may mean two segments: it is no name for the mesh. */
  readonly isReused: (msn: number) => boolean;
  /** Another stream comes. */
  readonly forget: () => void;
};

/** The last segment of a playlist, and its EXT-X-PROGRAM-DATE-TIME in milliseconds since 1970 if it has one. */
type Edge = { readonly msn: number; readonly at: number | null };

export function createNumbering(): Numbering {
  const edges = new Map<RenditionId, Edge>();
  let ranges: { readonly first: number; readonly last: number }[] = [];

  return {
    follow(rendition, playlist) {
      const edge = edges.get(rendition);
      if (edge !== undefined && beganAnew(edge, playlist)) {
        const range = { first: edge.msn - REMEMBERED_SEGMENTS, last: edge.msn + AHEAD_SEGMENTS };
        ranges = [...ranges, range].slice(-MOST_RANGES);
      } else if (edge !== undefined && edge.msn > playlist.endSN) {
        // A stale copy: the newest one stays the measure.
        return;
      }
      edges.set(rendition, { msn: playlist.endSN, at: dateOf(playlist, playlist.endSN) });
    },
    isReused: (msn) => ranges.some(({ first, last }) => msn >= first && msn <= last),
    forget() {
      edges.clear();
      ranges = [];
    },
  };
}

/** Ends far before where it ended, or names another time for the segment that was its last. */
function beganAnew({ msn, at }: Edge, playlist: NumberedPlaylist): boolean {
  if (playlist.endSN < msn - STALE_SEGMENTS) return true;
  const now = dateOf(playlist, msn);
  return at !== null && now !== null && Math.abs(now - at) > playlist.targetduration * 1000;
}

const dateOf = ({ startSN, fragments }: NumberedPlaylist, msn: number): number | null =>
  fragments[msn - startSN]?.programDateTime ?? null;
