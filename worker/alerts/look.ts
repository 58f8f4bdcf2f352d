import { bucketOf, type Cell, count, MINUTE_MS, merge, type Span } from "../reports/index.ts";
import type { PlacedCell, ReportStore } from "../store/port.ts";
import { type Figures, type Subject, type Thresholds, WINDOW_MS } from "./rules.ts";

/** What a store has seen of every site, and of each of its streams, of late. */
export function createLook(store: ReportStore, thresholds: Thresholds): (now: number) => Promise<readonly Figures[]> {
  // Who was there before a silence has to be seen through it.
  const backMs = WINDOW_MS + (thresholds.silence ?? 0);
  return async (now) => {
    const to = bucketOf(now, "minute") + 1;
    const span: Span = { resolution: "minute", from: bucketOf(now - backMs, "minute") + 1, to };
    const ofSite = async (site: string): Promise<Figures[]> => {
      const [all, streams] = await Promise.all([
        store.read(site, { stream: null, dimension: "all" }, [span]),
        store.read(site, { stream: null, dimension: "stream" }, [span]),
      ]);
      const subjects = [...streams].map(([stream, cells]) => figuresOf({ site, stream }, cells, now));
      const whole = all.get("");
      return whole === undefined ? subjects : [figuresOf({ site, stream: null }, whole, now), ...subjects];
    };
    return (await Promise.all((await store.sites()).map(ofSite))).flat();
  };
}

function figuresOf(subject: Subject, cells: readonly PlacedCell[], now: number): Figures {
  const windowFrom = bucketOf(now - WINDOW_MS, "minute");
  const seen: Cell = merge(cells.filter(({ bucket }) => bucket > windowFrom).map(({ cell }) => cell));
  const last = Math.max(...cells.map(({ bucket }) => bucket));
  return {
    ...subject,
    playedBytes: count(seen, "played"),
    boughtBytes: count(seen, "cdn") + count(seen, "relay"),
    stallMs: count(seen, "stallMs"),
    watchMs: count(seen, "watchMs"),
    viewers: Math.max(...cells.map(({ cell }) => cell.peak)),
    heardAt: Math.min(now, (last + 1) * MINUTE_MS - 1),
  };
}
