import Hls, { type FragmentLoaderContext, LoadStats } from "hls.js";
import { describe, expect, it } from "vitest";
import type { EngineEvent } from "../../../../player/engine/types.ts";
import { createNumbering, type NumberedPlaylist } from "../../../../player/hls/numbering.ts";
import { followPlaylists } from "../../../../player/hls/playlists.ts";
import { renditionId } from "../../../../player/protocol/index.ts";
import { fakeHls, fragment } from "./fake-hls.ts";

const HD = renditionId("hd");
const LOW = renditionId("low");

/** Segments `first` to `last` of four seconds, the first of them recorded at `at` seconds; undefined: no dates. */
function playlist(first: number, last: number, at?: number): NumberedPlaylist {
  const fragments = Array.from({ length: last - first + 1 }, (_, i) => ({
    programDateTime: at === undefined ? null : (at + 4 * i) * 1000,
  }));
  return { startSN: first, endSN: last, targetduration: 4, fragments };
}

function followed(...playlists: readonly NumberedPlaylist[]) {
  const numbering = createNumbering();
  for (const one of playlists) numbering.follow(HD, one);
  return numbering;
}

describe("numbers are names for the mesh", () => {
  it.each([
    ["while the playlist goes on", [playlist(900, 905), playlist(901, 906), playlist(906, 911), playlist(950, 955)]],
    ["when it ends", [playlist(900, 905, 0), playlist(901, 906, 4), playlist(901, 906, 4)]],
    ["when a stale copy comes in between", [playlist(900, 905), playlist(897, 902), playlist(901, 906)]],
    ["when dates are off by a frame", [playlist(900, 905, 0), playlist(901, 906, 4.04)]],
    ["when stale copies come again and again", [playlist(900, 905), playlist(898, 903), playlist(897, 902)]],
  ])("%s", (_, playlists) => {
    const { isReused } = followed(...playlists);
    for (let msn = 800; msn < 1000; msn++) expect(isReused(msn), `${msn}`).toBe(false);
  });

  it("at once after a restart whose numbers are far from those that are remembered", () => {
    const { isReused } = followed(playlist(90_000, 90_005), playlist(0, 3), playlist(1, 6));
    for (let msn = 0; msn < 1000; msn++) expect(isReused(msn), `${msn}`).toBe(false);
    expect(isReused(90_005)).toBe(true);
  });
});

describe("numbers that were given out before are no names any more", () => {
  it.each([
    ["a restart from nought", [playlist(20, 25), playlist(0, 2)], 25],
    ["a short jump back", [playlist(900, 905), playlist(893, 898)], 905],
    ["a restart of a playlist that keeps all", [playlist(0, 100), playlist(0, 3)], 100],
    ["a restart that has overtaken, seen by its dates", [playlist(0, 5, 0), playlist(0, 70, 1000)], 5],
    ["a restart after a stale copy", [playlist(900, 905), playlist(897, 902), playlist(893, 898)], 905],
  ])("%s", (_, playlists, last) => {
    const { isReused } = followed(...playlists);
    for (let msn = Math.max(0, last - 1000); msn <= last + 2; msn++) expect(isReused(msn), `${msn}`).toBe(true);
    expect(isReused(last + 3)).toBe(false);
  });

  it("for every rendition, also one that was not loaded before the restart", () => {
    const numbering = followed(playlist(900, 905), playlist(893, 898));
    numbering.follow(LOW, playlist(893, 898));
    expect(numbering.isReused(900)).toBe(true);
  });

  it("until another stream comes", () => {
    const numbering = followed(playlist(900, 905), playlist(893, 898));
    numbering.forget();
    numbering.follow(HD, playlist(0, 5));
    expect(numbering.isReused(900)).toBe(false);
  });
});

describe("hls.js' playlists", () => {
  const URL = "https://cdn.example/high/index.m3u8";
  const details = (first: number, last: number) => ({ ...playlist(first, last), url: URL, live: true });
  const level = { attrs: { BANDWIDTH: "1", RESOLUTION: "1x720" }, uri: URL, details: details(900, 905) };
  const context = (sn: number) =>
    ({
      frag: fragment({ sn, level: 0, baseurl: URL }),
      part: null,
      url: "https://cdn.example/x.ts",
    }) as unknown as FragmentLoaderContext;

  it("are looked at before the first segment of a restarted one is asked for, which hls.js may do before we hear of it", () => {
    const hls = fakeHls({ levels: [level] });
    const told: EngineEvent[] = [];
    const playlists = followPlaylists(hls, (event) => told.push(event));
    hls.trigger(Hls.Events.LEVEL_LOADED, { details: level.details, level: 0, stats: new LoadStats() } as never);
    expect(playlists.keyOf(context(903))?.msn).toBe(903);
    level.details = details(893, 898);
    expect(playlists.keyOf(context(897))).toBeUndefined();
    expect(playlists.keyOf(context(908))?.msn).toBe(908);
    hls.trigger(Hls.Events.LEVEL_LOADED, { details: level.details, level: 0, stats: new LoadStats() } as never);
    expect(told.map((event) => event.t === "playlist" && event.last)).toEqual([905, 898]);
  });
});
