import { expect, test } from "vitest";
import { audioRendition, type LevelName, levelRendition } from "../../../../player/hls/renditions.ts";
import { parseRenditionId } from "../../../../player/protocol/index.ts";

const level = (attrs: Record<string, string>, uri = "https://cdn.example/high/index.m3u8?token=a"): LevelName => ({
  attrs: attrs as LevelName["attrs"],
  uri,
});
const FULL = { BANDWIDTH: "1400000", RESOLUTION: "1280x720", CODECS: "mp4a.40.2,avc1.64001f" };

test("a variant is named by what the multivariant playlist says of it, not by its address", () => {
  const id = levelRendition(level(FULL));
  expect(id).toBe("v.720.1400000.avc");
  expect(levelRendition(level(FULL, "https://other.example/b/x.m3u8?token=b"))).toBe(id);
});

test.each([
  ["another height", { ...FULL, RESOLUTION: "1920x1080" }],
  ["another bandwidth", { ...FULL, BANDWIDTH: "1400001" }],
  ["another codec", { ...FULL, CODECS: "hvc1.1.6.L93,mp4a.40.2" }],
])("%s is another rendition", (_, attrs) => {
  expect(levelRendition(level(attrs))).not.toBe(levelRendition(level(FULL)));
});

test("the ways to write one codec are one rendition", () => {
  const ids = ["avc1.64001f", "avc3.64001f", " avc1.4d401f "].map((CODECS) =>
    levelRendition(level({ ...FULL, CODECS })),
  );
  expect(new Set(ids).size).toBe(1);
});

test("a stable id wins over everything", () => {
  const a = levelRendition(level({ ...FULL, "STABLE-VARIANT-ID": "main-720" }));
  expect(a).toBe("s.main-720");
  expect(levelRendition(level({ BANDWIDTH: "5", "STABLE-VARIANT-ID": "main-720" }))).toBe(a);
});

test("without a multivariant playlist the path names it, whatever host or token", () => {
  const a = levelRendition(level({}, "https://a.example/live/one.m3u8?t=1"));
  expect(levelRendition(level({}, "https://b.example/live/one.m3u8#x"))).toBe(a);
  expect(levelRendition(level({}, "https://a.example/live/two.m3u8?t=1"))).not.toBe(a);
});

test("audio is named by group, name and language, and always as the wire wants it", () => {
  const track = (over: object) =>
    audioRendition({ groupId: "aac", name: "Deutsch", lang: "de", url: "x", attrs: {}, ...over });
  expect(track({})).toBe("a.aac.Deutsch.de");
  const odd = ["日本語", "한국어", "a/b", "a_b", "x".repeat(100), `${"x".repeat(100)}y`].map((name) => track({ name }));
  expect(new Set(odd).size).toBe(odd.length);
  for (const id of odd) expect(parseRenditionId(id)).toBe(id);
  expect(track({ attrs: { "STABLE-RENDITION-ID": "de-1" } })).toBe("s.de-1");
});
