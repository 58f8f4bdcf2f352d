import { expect, test } from "vitest";
import type { ShoalOptions } from "../../../../player/embed/api.ts";
import { checkOptions } from "../../../../player/embed/options.ts";

const check = (options: unknown) =>
  checkOptions(options as ShoalOptions, "https://shoal.example/", "https://page.example/watch");

test("without options the tracker is where the script came from, and everything is shared", () => {
  expect(check({})).toEqual({
    signalUrl: "wss://shoal.example/v1/signal",
    reportUrl: "https://shoal.example/v1/report",
    stream: undefined,
    token: undefined,
    upload: "share",
    rtcConfig: undefined,
    limits: {},
  });
});

test("a tracker may have a path, plain http, and an address relative to the page", () => {
  expect(check({ tracker: "http://127.0.0.1:8080/t/" })).toMatchObject({
    signalUrl: "ws://127.0.0.1:8080/t/v1/signal",
    reportUrl: "http://127.0.0.1:8080/t/v1/report",
  });
  expect(check({ tracker: "/p2p" }).signalUrl).toBe("wss://page.example/p2p/v1/signal");
});

test.each<[string, unknown]>([
  ["tracker", { tracker: "ftp://x" }],
  ["tracker", { tracker: 5 }],
  ["stream", { stream: "" }],
  ["stream", { stream: "x".repeat(513) }],
  ["token", { token: 1 }],
  ["upload", { upload: "yes" }],
  ["rtcConfig", { rtcConfig: "stun:x" }],
  ["limits", { limits: 5 }],
  ["limits.storeBytes", { limits: { storeBytes: 1000 } }],
  ["limits.uploadBitsPerSecond", { limits: { uploadBitsPerSecond: -1 } }],
  ["limits.uploadBitsPerSecond", { limits: { uploadBitsPerSecond: Number.NaN } }],
  ["limits.uploadRatio", { limits: { uploadRatio: -1 } }],
  ["limits.neighbours", { limits: { neighbours: 0 } }],
  ["limits.neighbours", { limits: { neighbours: 33 } }],
  ["limits.neighbours", { limits: { neighbours: 2.5 } }],
  ["limits.peers", { limits: { peers: 4 } }],
  ["streamId", { streamId: "x" }],
])("a wrong %s is a TypeError that names it: %j", (name, options) => {
  expect(() => check(options)).toThrow(TypeError);
  expect(() => check(options)).toThrow(name);
});

test("what is no object at all is one, too", () => {
  expect(() => check(null)).toThrow("attachShoal");
  expect(() => check("share")).toThrow("attachShoal");
});
