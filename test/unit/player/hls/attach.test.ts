import Hls, { type FragmentLoaderContext, type Level, LoadStats, type MediaAttachingData } from "hls.js";
import { expect, test } from "vitest";
import type { EngineEvent } from "../../../../player/engine/types.ts";
import { attachToHls } from "../../../../player/hls/attach.ts";
import { followPlaylists } from "../../../../player/hls/playlists.ts";
import { levelRendition } from "../../../../player/hls/renditions.ts";
import type { SegmentKey } from "../../../../player/protocol/index.ts";
import type { SessionCore } from "../../../../player/session/session.ts";
import { manualClock } from "../session/fakes.ts";
import { type FakeHls, fakeHls, fragment } from "./fake-hls.ts";

const { Events } = Hls;
const count = (hls: FakeHls): number =>
  Object.values(Events).reduce(
    (sum, event) => sum + (hls as unknown as { listenerCount: (name: string) => number }).listenerCount(event),
    0,
  );

function setUp(over = {}) {
  const hls = fakeHls(over);
  const listeners = count(hls);
  const log: unknown[] = [];
  const told: EngineEvent[] = [];
  let listed: Parameters<SessionCore["sourcesFrom"]>[0] = () => undefined;
  const core = {
    playback: (event: EngineEvent) => told.push(event),
    sourcesFrom: (lookUp: typeof listed) => {
      listed = lookUp;
    },
  } as unknown as SessionCore;
  const side = attachToHls(hls, {
    clock: manualClock(),
    session: () => core,
    onStream: (url) => log.push(["stream", url]),
    onStreamEnd: (open) => log.push(["end", open]),
    onStarted: () => log.push("started"),
    onGone: () => log.push("gone"),
  });
  return { hls, side, log, told, listeners, listed: (key: SegmentKey) => listed(key) };
}

test("each source is a stream of its own, by its absolute URL", () => {
  const { hls, log } = setUp();
  Object.assign(hls, { url: "https://a.example/one.m3u8?t=1" });
  hls.trigger(Events.MANIFEST_LOADING, { url: "one.m3u8?t=1" });
  Object.assign(hls, { url: "https://a.example/two.m3u8" });
  hls.trigger(Events.MANIFEST_LOADING, { url: "two.m3u8" });
  expect(log).toEqual([
    ["end", "drop"],
    ["stream", "https://a.example/one.m3u8?t=1"],
    ["end", "drop"],
    ["stream", "https://a.example/two.m3u8"],
  ]);
});

test("an hls.js that is loading already is joined to its stream at once", () => {
  const { log } = setUp({ url: "https://a.example/one.m3u8" });
  expect(log).toEqual([["stream", "https://a.example/one.m3u8"]]);
});

test("detaching puts everything back, twice too", () => {
  const { hls, side, listeners } = setUp();
  hls.trigger(Events.MEDIA_ATTACHING, {} as MediaAttachingData);
  expect(hls.config).toMatchObject({ fLoader: expect.anything(), startFragPrefetch: true });
  side.detach();
  side.detach();
  expect(hls.config).toMatchObject({ startFragPrefetch: false });
  expect(hls.config.fLoader).toBeUndefined();
  expect(count(hls)).toBe(listeners);
});

test("a loader that the page put in later stays", () => {
  const { hls, side } = setUp();
  const own = class {} as unknown as NonNullable<typeof hls.config.fLoader>;
  hls.config.fLoader = own;
  side.detach();
  expect(hls.config.fLoader).toBe(own);
});

test("destroying hls.js ends the stream and the session", () => {
  const { hls, log } = setUp();
  hls.trigger(Events.DESTROYING, undefined);
  expect(log).toEqual([["end", "drop"], "gone"]);
  expect(hls.config.fLoader).toBeUndefined();
});

test("a page with its own way of fetching is noticed, also when it comes to it later", () => {
  const { hls, side } = setUp();
  expect(side.fetchesItsOwnWay()).toBe(false);
  hls.config.xhrSetup = () => undefined;
  expect(side.fetchesItsOwnWay()).toBe(true);
  delete hls.config.xhrSetup;
  hls.config.loader = class extends Hls.DefaultConfig.loader {};
  expect(side.fetchesItsOwnWay()).toBe(true);
});

// ---- playlists ------------------------------------------------------------------------------------------------------

const LEVEL = {
  attrs: { BANDWIDTH: "1400000", RESOLUTION: "1280x720", CODECS: "avc1.64001f" },
  uri: "https://cdn.example/high/index.m3u8",
};
const details = (over = {}) => ({
  url: "https://cdn.example/high/index.m3u8",
  live: true,
  startSN: 5,
  endSN: 9,
  targetduration: 4,
  iframesOnly: false,
  fragments: [],
  ...over,
});
const contextOf = (over = {}, of = {}): FragmentLoaderContext =>
  ({
    frag: fragment(of),
    part: null,
    url: "https://cdn.example/high/7.ts",
    ...over,
  }) as unknown as FragmentLoaderContext;

function withPlaylist(over = {}) {
  const hls = fakeHls({ levels: [LEVEL] });
  const told: EngineEvent[] = [];
  const playlists = followPlaylists(hls, (event) => told.push(event));
  hls.trigger(Events.LEVEL_LOADED, { details: details(over), level: 0, stats: new LoadStats() } as never);
  return { hls, told, playlists };
}

test("the engine hears of each playlist as hls.js holds it", () => {
  expect(withPlaylist().told).toEqual([
    { t: "playlist", rendition: "v.720.1400000.avc", live: true, first: 5, last: 9, segmentMs: 4000 },
  ]);
});

test("whole main and audio segments are for the mesh, by rendition and media sequence number", () => {
  const { playlists, hls } = withPlaylist();
  expect(playlists.keyOf(contextOf())).toEqual({ rendition: "v.720.1400000.avc", msn: 7 });
  const url = "https://cdn.example/de/index.m3u8";
  const track = { groupId: "aac", name: "Deutsch", lang: "de", url, attrs: {} };
  hls.trigger(Events.AUDIO_TRACK_LOADED, { details: details({ url }), id: 0, groupId: "aac", track } as never);
  expect(playlists.keyOf(contextOf({}, { type: "audio", baseurl: url }))?.rendition).toBe("a.aac.Deutsch.de");
});

test("the first segment is for the mesh although hls.js asks for it before it tells us of the playlist", () => {
  const audio = { ...details({ url: "https://cdn.example/de/index.m3u8" }) };
  const track = { groupId: "aac", name: "Deutsch", lang: "de", attrs: {}, url: audio.url, details: audio };
  const hls = fakeHls({ levels: [{ ...LEVEL, details: details() }], audioTracks: [track] });
  const told: EngineEvent[] = [];
  const playlists = followPlaylists(hls, (event) => told.push(event));
  expect(playlists.keyOf(contextOf({}, { level: 0 }))).toEqual({ rendition: "v.720.1400000.avc", msn: 7 });
  expect(playlists.main()?.rendition).toBe("v.720.1400000.avc");
  const sound = contextOf({}, { type: "audio", level: 0, baseurl: audio.url });
  expect(playlists.keyOf(sound)?.rendition).toBe("a.aac.Deutsch.de");
  expect(told.map(({ t }) => t)).toEqual(["playlist", "playlist"]);
});

test("the CDN's address of a listed segment is known before hls.js asks for it", () => {
  const { hls, listed } = setUp({ levels: [LEVEL] });
  Object.assign(hls, { url: "https://a.example/one.m3u8" });
  hls.trigger(Events.MANIFEST_LOADING, { url: "one.m3u8" });
  const fragments = [
    { sn: 7, url: "https://cdn.example/high/all.ts", byteRange: [100, 300] },
    { sn: 8, url: "https://cdn.example/high/8.ts", byteRange: [] },
    { sn: 9, url: "data:video/mp2t;base64,AAAA", byteRange: [] },
  ];
  hls.trigger(Events.LEVEL_LOADED, { details: details({ fragments }), level: 0, stats: new LoadStats() } as never);
  const rendition = levelRendition(LEVEL as unknown as Level);
  expect(listed({ rendition, msn: 7 })).toMatchObject({ url: fragments[0]?.url, range: { start: 100, end: 300 } });
  expect(listed({ rendition, msn: 8 })).toMatchObject({ url: fragments[1]?.url });
  expect(listed({ rendition, msn: 8 })).not.toHaveProperty("range");
  for (const msn of [9, 10]) expect(listed({ rendition, msn })).toBeUndefined();
});

test("hls.js 1.5 names an audio track by its place only", () => {
  const { playlists, hls } = withPlaylist();
  const url = "https://cdn.example/de/index.m3u8";
  Object.assign(hls, { audioTracks: [{ groupId: "aac", name: "Deutsch", lang: "de", url, attrs: {} }] });
  hls.trigger(Events.AUDIO_TRACK_LOADED, { details: details({ url }), id: 0, groupId: "aac" } as never);
  expect(playlists.keyOf(contextOf({}, { type: "audio", baseurl: url }))?.rendition).toBe("a.aac.Deutsch.de");
});

test.each<[string, object, object]>([
  ["an initialisation segment", {}, { sn: "initSegment" }],
  ["a part", { part: { index: 0 } }, {}],
  ["a subtitle", {}, { type: "subtitle" }],
  ["a segment inside the playlist", { url: "data:video/mp2t;base64,AAAA" }, {}],
  ["a segment of a playlist never seen", {}, { baseurl: "https://cdn.example/other.m3u8" }],
])("%s is not for the mesh", (_, context, frag) => {
  expect(withPlaylist().playlists.keyOf(contextOf(context, frag))).toBeUndefined();
});

test("I-frame playlists and the stream before are not for the mesh", () => {
  expect(withPlaylist({ iframesOnly: true }).playlists.keyOf(contextOf())).toBeUndefined();
  const { playlists } = withPlaylist();
  playlists.forget();
  expect(playlists.keyOf(contextOf())).toBeUndefined();
  expect(playlists.main()).toBeUndefined();
});
