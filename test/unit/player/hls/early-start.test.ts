import Hls from "hls.js";
import { expect, test } from "vitest";
import { startWhileAttaching } from "../../../../player/hls/early-start.ts";
import { subscriber } from "../../../../player/hls/subscribe.ts";
import { fakeHls } from "./fake-hls.ts";

const { Events } = Hls;

/** An hls.js whose page chose `own`, and what is set after each of these events. */
function setAfter(own: boolean, events: readonly (typeof Events)[keyof typeof Events][]) {
  const hls = fakeHls();
  hls.config.startFragPrefetch = own;
  const putBack = startWhileAttaching(hls, subscriber(hls));
  const seen = events.map((event) => {
    hls.trigger(event as typeof Events.MEDIA_DETACHED, {});
    return hls.config.startFragPrefetch;
  });
  return { hls, seen, putBack };
}

test("the first segment is loaded early only while the video is being attached", () => {
  const { seen } = setAfter(false, [
    Events.MANIFEST_LOADING,
    Events.MEDIA_ATTACHING,
    Events.MANIFEST_PARSED,
    Events.MEDIA_ATTACHED,
    Events.MANIFEST_LOADING,
  ]);
  expect(seen).toEqual([false, true, true, false, false]);
});

test("a page that wants it anyway keeps it", () => {
  expect(setAfter(true, [Events.MEDIA_ATTACHING, Events.MEDIA_ATTACHED]).seen).toEqual([true, true]);
});

test("a video that is taken off before its source opened ends it", () => {
  expect(setAfter(false, [Events.MEDIA_ATTACHING, Events.MEDIA_DETACHING]).seen).toEqual([true, false]);
});

test("the page's setting outlives an attempt to attach that failed", () => {
  const { seen } = setAfter(false, [Events.MEDIA_ATTACHING, Events.MEDIA_ATTACHING, Events.MEDIA_ATTACHED]);
  expect(seen).toEqual([true, true, false]);
});

test("a session that ends meanwhile puts it back", () => {
  const { hls, putBack } = setAfter(false, [Events.MEDIA_ATTACHING]);
  putBack();
  expect(hls.config.startFragPrefetch).toBe(false);
});
