import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { livePlaylist, multivariantPlaylist, vodPlaylist } from "../../../infra/origin/playlists.ts";
import {
  LIVE_EPOCH_MS,
  LIVE_GRACE_SEGMENTS,
  LIVE_WINDOW_SEGMENTS,
  liveSegment,
  liveWindow,
  vodSegments,
} from "../../../infra/origin/schedule.ts";
import { standInMedia } from "./stand-in-media.ts";

type Entry = { msn: number; discontinuity: boolean; seconds: number; cc: number; startsAt: number | undefined };
type Parsed = { target: number; first: number; ended: boolean; entries: Entry[] };

/** Reads a media playlist by the rules of RFC 8216, knowing nothing of how it was made. */
function parse(text: string): Parsed {
  const lines = text.split("\n");
  const tag = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`#${name}:`))?.slice(name.length + 2);
  let cc = Number(tag("EXT-X-DISCONTINUITY-SEQUENCE") ?? 0);
  let seconds = 0;
  let discontinuity = false;
  let startsAt: number | undefined;
  const entries: Entry[] = [];
  for (const line of lines) {
    if (line === "#EXT-X-DISCONTINUITY") {
      cc += 1;
      discontinuity = true;
    } else if (line.startsWith("#EXTINF:")) seconds = Number.parseFloat(line.slice(8));
    else if (line.startsWith("#EXT-X-PROGRAM-DATE-TIME:")) startsAt = Date.parse(line.slice(25));
    else if (line !== "" && !line.startsWith("#")) {
      entries.push({ msn: Number(/\/(\d+)\.ts$/.exec(line)?.[1]), discontinuity, seconds, cc, startsAt });
      discontinuity = false;
    }
  }
  return {
    target: Number(tag("EXT-X-TARGETDURATION")),
    first: Number(tag("EXT-X-MEDIA-SEQUENCE")),
    ended: lines.includes("#EXT-X-ENDLIST"),
    entries,
  };
}

const media = fc
  .record({ count: fc.integer({ min: 1, max: 20 }), seconds: fc.integer({ min: 1, max: 10 }) })
  .map(({ count, seconds }) => standInMedia(count, seconds, 10));
const now = fc.integer({ min: LIVE_EPOCH_MS - 100_000, max: LIVE_EPOCH_MS + 10 * 365 * 86_400_000 });
/** Near the epoch the window does not slide yet, and the first loop begins without a tag. */
const early = fc.integer({ min: LIVE_EPOCH_MS - 10_000, max: LIVE_EPOCH_MS + 300_000 });
const times = fc.oneof(now, early);

describe("live playlist", () => {
  it("numbers segments one by one, from EXT-X-MEDIA-SEQUENCE on, in both renditions alike", () => {
    fc.assert(
      fc.property(media, times, (loop, at) => {
        const window = liveWindow(loop, at);
        const [high, low] = loop.renditions.map((rendition) => parse(livePlaylist(rendition, window)));
        expect(high?.entries.map((entry) => entry.msn)).toEqual(
          Array.from({ length: LIVE_WINDOW_SEGMENTS }, (_, offset) => (high?.first ?? 0) + offset),
        );
        expect(low).toEqual(high);
        expect(high?.ended).toBe(false);
      }),
    );
  });

  it("gives a segment the same discontinuity number in every window that shows it, and one more each loop", () => {
    fc.assert(
      fc.property(media, times, fc.integer({ min: 0, max: 60_000 }), (loop, at, later) => {
        const [rendition] = loop.renditions;
        if (!rendition) throw new Error("no rendition");
        const before = parse(livePlaylist(rendition, liveWindow(loop, at)));
        const after = parse(livePlaylist(rendition, liveWindow(loop, at + later)));
        expect(after.first).toBeGreaterThanOrEqual(before.first);
        for (const entry of [...before.entries, ...after.entries]) {
          expect(entry.cc).toBe(Math.floor(entry.msn / loop.segmentCount));
          expect(entry.discontinuity).toBe(entry.msn > 0 && entry.msn % loop.segmentCount === 0);
        }
        const shown = new Map(before.entries.map((entry) => [entry.msn, entry]));
        for (const entry of after.entries) {
          const same = shown.get(entry.msn);
          if (same) expect(entry).toEqual(same);
        }
      }),
    );
  });

  it("never announces a segment longer than the target duration, nor one that is not recorded yet", () => {
    fc.assert(
      fc.property(media, times, (loop, at) => {
        for (const rendition of loop.renditions) {
          const { target, entries } = parse(livePlaylist(rendition, liveWindow(loop, at)));
          for (const entry of entries) {
            expect(Math.round(entry.seconds)).toBeLessThanOrEqual(target);
            const recordedAt = (entry.startsAt ?? Number.NaN) + loop.segmentSeconds * 1000;
            if (at >= LIVE_EPOCH_MS) expect(recordedAt).toBeLessThanOrEqual(at);
          }
        }
      }),
    );
  });

  it("keeps segments for a while after they left, and has none from the future", () => {
    fc.assert(
      fc.property(media, times, (loop, at) => {
        const first = liveWindow(loop, at).segments[0]?.msn ?? 0;
        const fetchable = (msn: number) => liveSegment(loop, msn, at) !== undefined;
        expect(fetchable(first + LIVE_WINDOW_SEGMENTS - 1)).toBe(true);
        expect(fetchable(first + LIVE_WINDOW_SEGMENTS)).toBe(false);
        expect(fetchable(first - LIVE_GRACE_SEGMENTS)).toBe(first >= LIVE_GRACE_SEGMENTS);
        expect(fetchable(first - LIVE_GRACE_SEGMENTS - 1)).toBe(false);
      }),
    );
  });

  it("slides by one segment exactly when a segment length has passed", () => {
    const loop = standInMedia(15, 4, 10);
    const first = (at: number) => liveWindow(loop, at).segments[0]?.msn;
    expect(first(LIVE_EPOCH_MS + 7_999)).toBe(1);
    expect(first(LIVE_EPOCH_MS + 8_000)).toBe(2);
  });
});

describe("VOD playlist", () => {
  it("plays the sample twice with a discontinuity between, and ends", () => {
    const loop = standInMedia(15, 4, 10);
    const [rendition] = loop.renditions;
    if (!rendition) throw new Error("no rendition");
    const text = vodPlaylist(rendition, vodSegments(loop, 2));
    const { entries, first, ended, target } = parse(text);
    expect(text).toContain("#EXT-X-PLAYLIST-TYPE:VOD\n");
    expect({ first, ended, target, length: entries.length }).toEqual({ first: 0, ended: true, target: 4, length: 30 });
    expect(entries.map((entry) => entry.msn)).toEqual(Array.from({ length: 30 }, (_, msn) => msn));
    expect(entries.filter((entry) => entry.discontinuity).map((entry) => entry.msn)).toEqual([15]);
  });
});

describe("multivariant playlist", () => {
  it("names each rendition with all that a player chooses by", () => {
    const text = multivariantPlaylist(standInMedia().renditions);
    expect(text.split("\n").filter((line) => !line.startsWith("#"))).toEqual(["high.m3u8", "low.m3u8", ""]);
    expect(text).toContain(
      '#EXT-X-STREAM-INF:BANDWIDTH=2000000,AVERAGE-BANDWIDTH=1800000,RESOLUTION=1280x720,FRAME-RATE=25.000,CODECS="avc1.64001f,mp4a.40.2"\nhigh.m3u8',
    );
  });
});
