import { mainSource, segmentWords } from "../../../player/overlay/words.ts";
import { find, make, setText } from "../../../worker/dashboard/dom.ts";
import { type NumberedSegment, SEGMENTS_SHOWN } from "../history.ts";
import type { View } from "../state.ts";

/** Segments told in words. */
const STORIES = 6;

/** A bar for each recent segment, and the last ones in words. */
export function segmentsView(): View {
  const strip = find("strip");
  const story = find("story");
  const detail = find("strip-text");
  let shown = 0;

  for (let slot = 0; slot < SEGMENTS_SHOWN; slot++) strip.append(emptySlot());
  const tell = ({ target }: Event): void => {
    const words = target instanceof HTMLElement ? target.closest("[role=img]")?.getAttribute("aria-label") : null;
    if (words) setText(detail, words);
  };
  strip.addEventListener("pointerover", tell);
  strip.addEventListener("focusin", tell);
  strip.addEventListener("keydown", moveFocus);

  return ({ history }) => {
    const fresh = history.segments.filter(({ nth }) => nth > shown);
    for (const segment of fresh) {
      const words = segmentWords(segment);
      const hadFocus = strip.firstElementChild === document.activeElement;
      strip.firstElementChild?.remove();
      strip.append(bar(segment, words));
      if (hadFocus && strip.firstElementChild instanceof HTMLElement) strip.firstElementChild.focus();
      story.prepend(entry(segment, words));
      while (story.children.length > STORIES) story.lastElementChild?.remove();
      shown = segment.nth;
    }
    if (fresh.length > 0) oneTabStop(strip);
  };
}

function emptySlot(): HTMLElement {
  const slot = make("div");
  slot.setAttribute("aria-hidden", "true");
  return slot;
}

function bar(segment: NumberedSegment, words: string): HTMLElement {
  const { peerBytes, relayBytes, cdnBytes } = segment;
  const all = Math.max(1, peerBytes + relayBytes + cdnBytes);
  const parts = (["cdn", "relay", "peer"] as const).map((source) => {
    const part = make("i");
    part.className = source;
    part.style.height = `${(100 * { cdn: cdnBytes, relay: relayBytes, peer: peerBytes }[source]) / all}%`;
    return part;
  });
  const item = make("div", ...parts);
  item.title = words;
  item.tabIndex = -1;
  item.setAttribute("role", "img");
  item.setAttribute("aria-label", words);
  return item;
}

function entry(segment: NumberedSegment, words: string): HTMLElement {
  const dot = make("i");
  dot.className = `swatch ${mainSource(segment)}`;
  return make("li", dot, make("span", words));
}

/** The strip is one stop of the Tab key; arrows go on inside it. */
function oneTabStop(strip: HTMLElement): void {
  const bars = [...strip.querySelectorAll<HTMLElement>("[role=img]")];
  const stop = bars.find((each) => each === document.activeElement) ?? bars.at(-1);
  for (const each of bars) each.tabIndex = each === stop ? 0 : -1;
}

function moveFocus(event: KeyboardEvent): void {
  const { target, key } = event;
  if (!(target instanceof HTMLElement) || (key !== "ArrowLeft" && key !== "ArrowRight")) return;
  const next = key === "ArrowLeft" ? target.previousElementSibling : target.nextElementSibling;
  if (!(next instanceof HTMLElement) || next.tabIndex === undefined || !next.hasAttribute("role")) return;
  event.preventDefault();
  target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
