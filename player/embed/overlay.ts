import type { Remembered, SegmentEvent, ShoalSession, Watched } from "./api.ts";

/** What shows a session; few viewers ever need it. */
export type LoadOverlay = () => Promise<{
  /** Shows the session until `closed` is aborted; `close` is called when the viewer closes it, or the session has ended. */
  readonly openOverlay: (session: Remembered, closed: AbortSignal, close: () => void) => void;
}>;

/** In the query of the page's URL: the overlay is open from the start. */
const FLAG = "shoal-debug";
/** Segments of which an overlay can tell at once when it is opened. */
const REMEMBERED = 24;

/** Adds the overlay to a session. */
export function withOverlay(session: Watched, load: LoadOverlay): ShoalSession {
  let shown: AbortController | undefined;
  let recent: readonly SegmentEvent[] = [];
  session.on("segment", (segment) => {
    recent = [...recent, segment].slice(-REMEMBERED);
  });
  const remembered: Remembered = { ...session, recent: () => recent };
  const close = (): void => {
    shown?.abort();
    shown = undefined;
  };
  const overlay = (): (() => void) => {
    if (shown !== undefined) close();
    else {
      shown = new AbortController();
      const { signal } = shown;
      // The browser names the file that it could not load.
      load().then(({ openOverlay }) => openOverlay(remembered, signal, close), console.warn);
    }
    return close;
  };
  if (location.search.includes(FLAG)) overlay();
  return { ...session, overlay };
}
