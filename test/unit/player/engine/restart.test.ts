import { expect, test } from "vitest";
import { segmentId } from "../../../../player/protocol/index.ts";
import { digest, engineHarness, HD, key, peerId, SEGMENT_BYTES } from "../../../support/engine-harness.ts";
import { existing } from "../session/fakes.ts";

const ANN = peerId("ann");

/** A viewer that bought segment 100 of a live stream and told its neighbour. */
function withOneSegment() {
  const h = engineHarness();
  h.join({ live: true });
  h.tell({ t: "peer-open", peer: ANN, near: "far", path: "direct" });
  h.tell({ t: "playlist", rendition: HD, live: true, first: 95, last: 100, segmentMs: 4000 });
  h.tell({ t: "want", request: 1, key: key(100), deadline: h.now(), start: true });
  const get = existing(h.of("cdn-get")[0]);
  const { fetch } = get;
  h.tell({ t: "cdn-opened", fetch, bytes: SEGMENT_BYTES, from: 0, runsOn: false });
  for (let index = 0; index < 4; index++) {
    h.cdnBlock(get, index, digest(segmentId(key(100)), index));
  }
  h.tell({ t: "cdn-done", fetch, stray: 0 });
  expect(h.engine.storedBytes()).toBe(SEGMENT_BYTES);
  return h;
}

test("a live stream that began anew with lower numbers: nobody is given the old bytes any more", () => {
  const h = withOneSegment();
  h.tell({ t: "playlist", rendition: HD, live: true, first: 0, last: 5, segmentMs: 4000 });
  expect(h.engine.storedBytes()).toBe(0);
  expect(h.frames("lost").map(({ frame }) => frame.key)).toEqual([key(100)]);
});

test("a playlist from a cache that is a little behind is no new beginning", () => {
  const h = withOneSegment();
  h.tell({ t: "playlist", rendition: HD, live: true, first: 92, last: 97, segmentMs: 4000 });
  expect(h.engine.storedBytes()).toBe(SEGMENT_BYTES);
});
