import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SegmentEvent } from "../../../../player/embed/api.ts";
import { createIdleSession } from "../../../../player/embed/idle-session.ts";
import { type LoadOverlay, withOverlay } from "../../../../player/embed/overlay.ts";
import { settled } from "../session/fakes.ts";

/** A session on a page with this query, and how many overlays of it are shown. */
function watched(search = "", load?: LoadOverlay) {
  vi.stubGlobal("location", { search });
  let shown = 0;
  const open: LoadOverlay = () =>
    Promise.resolve({
      openOverlay: (_, closed) => {
        if (closed.aborted) return;
        shown++;
        closed.addEventListener("abort", () => void shown--);
      },
    });
  const session = withOverlay(createIdleSession("a test"), load ?? open);
  return { session, shown: () => shown };
}

beforeEach(() => void vi.spyOn(console, "warn").mockReturnValue(undefined));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the overlay's switch", () => {
  it("opens, closes and opens again", async () => {
    const { session, shown } = watched();
    for (const expected of [1, 0, 1]) {
      session.overlay();
      await settled();
      expect(shown()).toBe(expected);
    }
  });

  it("gives a way to close it, which may be called twice", async () => {
    const { session, shown } = watched();
    const close = session.overlay();
    await settled();
    close();
    close();
    expect(shown()).toBe(0);
  });

  it("shows nothing that was closed before it was loaded", async () => {
    const { session, shown } = watched();
    session.overlay()();
    await settled();
    expect(shown()).toBe(0);
  });

  it("is told of the last segments that came before it was opened, and no more of them than it can show", async () => {
    let listener = (_: SegmentEvent): void => undefined;
    const idle = createIdleSession("a test");
    const session = {
      ...idle,
      on: ((name: string, heard: (segment: SegmentEvent) => void) => {
        if (name === "segment") listener = heard;
        return () => undefined;
      }) as typeof idle.on,
    };
    vi.stubGlobal("location", { search: "" });
    let told: readonly SegmentEvent[] = [];
    const shown = withOverlay(session, () =>
      Promise.resolve({
        openOverlay: ({ recent }) => {
          told = recent();
        },
      }),
    );
    const segments = Array.from({ length: 30 }, (_, msn) => ({ msn }) as SegmentEvent);
    for (const segment of segments) listener(segment);
    shown.overlay();
    await settled();
    expect(told).toEqual(segments.slice(-24));
  });

  it("is open from the start where the page's URL asks for it, and only there", async () => {
    const [asked, other] = [watched("?a=1&shoal-debug"), watched("?debug")];
    await settled();
    expect([asked.shown(), other.shown()]).toEqual([1, 0]);
  });

  it("says so when it cannot be loaded, and may be tried again", async () => {
    const load = vi.fn(() => Promise.reject(new Error("blocked by the page's policy")));
    const { session } = watched("", load);
    session.overlay();
    await settled();
    expect(console.warn).toHaveBeenCalledOnce();
    // The first call closes what did not open.
    session.overlay();
    session.overlay();
    await settled();
    expect(load).toHaveBeenCalledTimes(2);
  });
});
