import type { SampleRendition } from "./media.ts";
import type { LiveWindow, ScheduledSegment } from "./schedule.ts";

/** The multivariant playlist (RFC 8216 section 4.3.4); `<name>.m3u8` lies beside it. */
export function multivariantPlaylist(renditions: readonly SampleRendition[]): string {
  const variants = renditions.flatMap((rendition) => [
    `#EXT-X-STREAM-INF:${[
      `BANDWIDTH=${rendition.bandwidth}`,
      `AVERAGE-BANDWIDTH=${rendition.averageBandwidth}`,
      `RESOLUTION=${rendition.width}x${rendition.height}`,
      `FRAME-RATE=${rendition.frameRate.toFixed(3)}`,
      `CODECS="${rendition.codecs}"`,
    ].join(",")}`,
    `${rendition.name}.m3u8`,
  ]);
  return lines(["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS", ...variants]);
}

/** The whole on-demand playlist of one rendition. */
export function vodPlaylist(rendition: SampleRendition, segments: readonly ScheduledSegment[]): string {
  return lines([
    ...head(rendition),
    "#EXT-X-MEDIA-SEQUENCE:0",
    "#EXT-X-PLAYLIST-TYPE:VOD",
    ...segments.flatMap((segment) => entry(rendition, segment)),
    "#EXT-X-ENDLIST",
  ]);
}

/** The live playlist of one rendition for one window. */
export function livePlaylist(rendition: SampleRendition, window: LiveWindow): string {
  return lines([
    ...head(rendition),
    `#EXT-X-MEDIA-SEQUENCE:${window.segments[0]?.msn ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
    ...window.segments.flatMap((segment) => entry(rendition, segment, segment.startsAt)),
  ]);
}

function head(rendition: SampleRendition): readonly string[] {
  const longest = Math.max(...rendition.segments.map((segment) => segment.seconds));
  // RFC 8216 section 4.3.3.1: no EXTINF, rounded, may be longer than the target duration.
  const target = Math.ceil(longest);
  return ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-INDEPENDENT-SEGMENTS", `#EXT-X-TARGETDURATION:${target}`];
}

function entry(rendition: SampleRendition, segment: ScheduledSegment, startsAt?: number): readonly string[] {
  const seconds = rendition.segments[segment.index]?.seconds ?? 0;
  return [
    ...(segment.discontinuity ? ["#EXT-X-DISCONTINUITY"] : []),
    ...(startsAt === undefined ? [] : [`#EXT-X-PROGRAM-DATE-TIME:${new Date(startsAt).toISOString()}`]),
    `#EXTINF:${seconds.toFixed(3)},`,
    `${rendition.name}/${segment.msn}.ts`,
  ];
}

const lines = (all: readonly string[]): string => `${all.join("\n")}\n`;
