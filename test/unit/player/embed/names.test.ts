import { readFileSync } from "node:fs";
import * as v from "valibot";
import { expect, test } from "vitest";
import { newSessionId, streamIdOf } from "../../../../player/embed/ids.ts";
import { wishOf } from "../../../../player/embed/scan.ts";
import { trackerBase } from "../../../../player/embed/tracker-base.ts";
import { VERSION } from "../../../../player/embed/version.ts";
import { SessionIdSchema, StreamIdSchema } from "../../../../tracker/protocol/index.ts";

test("session ids are what the tracker takes, and never the same", () => {
  const ids = Array.from({ length: 200 }, newSessionId);
  for (const id of ids) expect(v.is(SessionIdSchema, id)).toBe(true);
  expect(new Set(ids).size).toBe(200);
});

test("a stream is the manifest without query and fragment, or what the site calls it", () => {
  expect(streamIdOf(undefined, "https://a.example/x/m.m3u8?token=1#t=5")).toBe("https://a.example/x/m.m3u8");
  expect(streamIdOf("cup-final", "https://a.example/m.m3u8")).toBe("cup-final");
});

test("a manifest that only this page can see has no stream of its own", () => {
  expect(streamIdOf(undefined, "blob:https://a.example/123")).toBeUndefined();
  expect(streamIdOf(undefined, "not a url")).toBeUndefined();
  expect(streamIdOf("named", "blob:https://a.example/123")).toBe("named");
});

test("very long manifest URLs stay apart and within the limit", () => {
  const ids = ["a", "b"].map((end) => streamIdOf(undefined, `https://a.example/${"x".repeat(600)}${end}`));
  expect(ids[0]).not.toBe(ids[1]);
  for (const id of ids) expect(v.is(StreamIdSchema, id)).toBe(true);
});

test.each([
  ["https://shoal.example/player.js", "https://shoal.example/"],
  ["https://shoal.example/p2p/shoal.mjs?v=3", "https://shoal.example/p2p/"],
  ["https://static.example/assets/app-1234.js", "https://static.example"],
  ["file:///home/page/player.js", "https://page.example"],
  ["", "https://page.example"],
  [undefined, "https://page.example"],
])("a script from %s has its tracker at %s", (script, base) => {
  expect(trackerBase(script, "https://page.example")).toBe(base);
});

test("a video's attributes become options; what is not set is not there", () => {
  const page = "https://page.example/watch/";
  expect(wishOf({ dataset: { shoal: "../live.m3u8?t=1" } }, page)).toEqual({
    url: "https://page.example/live.m3u8?t=1",
    options: {},
  });
  const dataset = {
    shoal: "https://c.example/a.m3u8",
    shoalTracker: "/t",
    shoalStream: "s",
    shoalToken: "k",
    shoalUpload: "receive",
  };
  expect(wishOf({ dataset }, page)).toEqual({
    url: "https://c.example/a.m3u8",
    options: { tracker: "/t", stream: "s", token: "k", upload: "receive" },
  });
});

test("a video without a usable URL asks for nothing", () => {
  expect(wishOf({ dataset: { shoal: "" } }, "https://page.example/")).toBeUndefined();
  expect(wishOf({ dataset: { shoal: "https://" } }, "https://page.example/")).toBeUndefined();
});

test("the player calls itself what the package does", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../../package.json", import.meta.url), "utf8"));
  expect(VERSION).toBe(version);
});
