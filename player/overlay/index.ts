/** `/shoal-overlay.mjs`: what a session does, shown over the page. Loaded by those who look, and by nobody else. */
import { type Remembered, SESSION_ENDED } from "../embed/api.ts";
import { element, write } from "./dom.ts";
import { figuresPart } from "./figures.ts";
import { neighboursPart } from "./neighbours.ts";
import css from "./overlay.css?inline";
import { reasonsPart } from "./reasons.ts";
import { segmentsPart } from "./segments.ts";
import { statusWords } from "./words.ts";

const TAG = "shoal-overlay";
/** Between two looks at the session, in milliseconds. */
const REFRESH_MS = 500;

/** Shows the session until `closed` is aborted; `close` is called when the viewer closes it, or the session has ended. */
export function openOverlay(session: Remembered, closed: AbortSignal, close: () => void): void {
  // It took a while to load.
  if (closed.aborted) return;
  const host = document.createElement(TAG);
  // Several players on one page: each one's overlay stands beside the last.
  host.style.setProperty("--nth", String(document.querySelectorAll(TAG).length));
  const { root, closer, update } = panel(session);
  shadowOf(host).append(root);
  document.body.append(host);
  const raise = (): void => toTheTop(host);
  raise();
  update();

  const timer = setInterval(() => {
    if (!document.hidden) update();
  }, REFRESH_MS);
  closer.addEventListener("click", close);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  };
  document.addEventListener("keydown", onKey, { signal: closed });
  // What goes to full screen covers whatever was on top before it.
  document.addEventListener("fullscreenchange", raise, { signal: closed });
  const stopListening = session.on("tracker", ({ detail }) => {
    if (detail === SESSION_ENDED) close();
  });
  closed.addEventListener("abort", () => {
    stopListening();
    clearInterval(timer);
    host.remove();
  });
}

function panel(session: Remembered) {
  const dot = element("i", "dot");
  const status = element("span", "status");
  const closer = element("button", "close", "×");
  closer.type = "button";
  closer.setAttribute("aria-label", "Close (Escape)");
  const parts = [figuresPart, neighboursPart, segmentsPart, reasonsPart].map((make) => make(session));
  const head = element("div", "top", dot, status, closer);
  const root = element("div", "panel", head, ...parts.map((part) => part.root));
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Shoal: where this video comes from");
  // What scrolls must be within reach of the keyboard.
  root.tabIndex = 0;

  const update = (): void => {
    const stats = session.stats();
    dot.dataset.state = stats.tracker;
    const detail = stats.tracker === "off" && stats.trackerDetail !== "" ? ` (${stats.trackerDetail})` : "";
    write(status, statusWords(stats, stats.trackerDetail) + detail);
    for (const part of parts) part.update();
  };
  return { root, closer, update };
}

/** Constructed, not a style element: pages whose policy forbids inline styles allow this. */
function shadowOf(host: HTMLElement): ShadowRoot {
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  return shadow;
}

/** Above everything, also a video in full screen, where the browser knows popovers; else by its z-index. */
function toTheTop(host: HTMLElement): void {
  if (typeof host.showPopover !== "function") return;
  host.popover = "manual";
  if (host.matches(":popover-open")) host.hidePopover();
  host.showPopover();
}
