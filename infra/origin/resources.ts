import { createHash } from "node:crypto";
import type { SampleMedia, SampleRendition } from "./media.ts";
import { livePlaylist, multivariantPlaylist, vodPlaylist } from "./playlists.ts";
import { liveSegment, liveWindow, type ScheduledSegment, vodSegments } from "./schedule.ts";

/** The on-demand stream is the sample played this many times over. */
export const VOD_ROUNDS = 2;

/** What the origin can be asked for. `undefined` from any of these means 404. */
export type Served = {
  readonly kind: "segment" | "playlist";
  readonly type: string;
  readonly body: Buffer;
  /** Strong entity tag, quotes included. */
  readonly etag: string;
  /** How long a cache may keep it, in seconds. */
  readonly maxAge: number;
};

export type Stream = "live" | "vod";

const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";
const SEGMENT_TYPE = "video/mp2t";
/** Renditions and VOD do not change while the process runs, but the next version of Shoal may bring other ones. */
const STEADY_SECONDS = 60;
/** A live playlist changes every segment; a cache may save a burst of viewers one second of asking. */
const LIVE_PLAYLIST_SECONDS = 1;
const SEGMENT_SECONDS = 3600;

/** The demo's resources at `now` (milliseconds since 1970). */
export type Catalogue = {
  readonly multivariant: () => Served;
  readonly playlist: (stream: Stream, rendition: string, now: number) => Served | undefined;
  readonly segment: (stream: Stream, rendition: string, msn: number, now: number) => Served | undefined;
};

export function createCatalogue(media: SampleMedia): Catalogue {
  const onDemand = vodSegments(media, VOD_ROUNDS);
  const renditions = new Map(media.renditions.map((rendition) => [rendition.name, rendition]));
  const multivariant = playlist(multivariantPlaylist(media.renditions), STEADY_SECONDS);

  const render = (stream: Stream, rendition: SampleRendition, now: number): Served =>
    stream === "vod"
      ? playlist(vodPlaylist(rendition, onDemand), STEADY_SECONDS)
      : playlist(livePlaylist(rendition, liveWindow(media, now)), LIVE_PLAYLIST_SECONDS);

  const scheduled = (stream: Stream, msn: number, now: number): ScheduledSegment | undefined =>
    stream === "vod" ? onDemand[msn] : liveSegment(media, msn, now);

  return {
    multivariant: () => multivariant,
    playlist: (stream, name, now) => {
      const rendition = renditions.get(name);
      return rendition && render(stream, rendition, now);
    },
    segment: (stream, name, msn, now) => {
      const place = scheduled(stream, msn, now);
      const segment = place && renditions.get(name)?.segments[place.index];
      if (!segment) return undefined;
      return { kind: "segment", type: SEGMENT_TYPE, body: segment.body, etag: segment.etag, maxAge: SEGMENT_SECONDS };
    },
  };
}

function playlist(text: string, maxAge: number): Served {
  const body = Buffer.from(text);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { kind: "playlist", type: PLAYLIST_TYPE, body, etag, maxAge };
}
