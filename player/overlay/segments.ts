import type { Remembered, SegmentEvent } from "../embed/api.ts";
import { element, type Part, section } from "./dom.ts";
import { mainSource, segmentName, segmentSentences } from "./words.ts";

/** Bars, oldest first. */
const BARS = 24;
/** Segments told in words, newest first. */
const STORIES = 4;

/** A bar for each recent segment by where its bytes came from, and the last ones in words. */
export function segmentsPart(session: Remembered): Part {
  const strip = element("div", "strip");
  strip.setAttribute("aria-hidden", "true");
  const stories = element("ol", "stories");
  const note = element("p", "quiet", "Segments are told here as they arrive.");
  let shown: readonly SegmentEvent[] | undefined;

  const update = (): void => {
    if (session.recent() === shown) return;
    shown = session.recent();
    const recent = shown.slice(-BARS);
    const places = Array.from({ length: BARS - recent.length }, () => element("div", ""));
    strip.replaceChildren(...places, ...recent.map(barOf));
    stories.replaceChildren(...recent.slice(-STORIES).reverse().map(storyOf));
    note.hidden = recent.length > 0;
  };
  return { root: section("Last segments", strip, stories, note), update };
}

function barOf(segment: SegmentEvent): HTMLElement {
  const { cdnBytes, relayBytes, peerBytes } = segment;
  const parts = Object.entries({ cdn: cdnBytes, relay: relayBytes, peer: peerBytes }).map(([source, bytes]) => {
    const part = element("i", source);
    part.style.flexGrow = String(bytes);
    return part;
  });
  const bar = element("div", "", ...parts);
  bar.title = `${segmentName(segment)}: ${segmentSentences(segment)}`;
  return bar;
}

const storyOf = (segment: SegmentEvent): HTMLElement =>
  element(
    "li",
    "",
    element("i", `swatch ${mainSource(segment)}`),
    element("b", "", segmentName(segment)),
    element("span", "", segmentSentences(segment)),
  );
