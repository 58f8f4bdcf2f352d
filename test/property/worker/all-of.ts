import { bucketOf, DIMENSIONS, RESOLUTIONS } from "../../../worker/reports/index.ts";
import type { ReportStore } from "../../../worker/store/port.ts";

const STREAMS = ["film", "news", "other"] as const;
const AROUND = Date.UTC(2026, 0, 31);

/** Everything that a store holds of the samples of `placedArb`: counts as objects, and different viewers. */
export const allOf = async (store: ReportStore): Promise<object> => {
  const all: Record<string, unknown> = {};
  for (const resolution of RESOLUTIONS) {
    const spans = [
      {
        resolution,
        from: bucketOf(AROUND - 10_000_000, resolution),
        to: bucketOf(AROUND + 10_000_000, resolution) + 1,
      },
    ];
    for (const stream of [null, ...STREAMS]) {
      for (const dimension of DIMENSIONS) {
        for (const [value, cells] of await store.read("site", { stream, dimension }, spans)) {
          for (const { bucket, cell } of cells) {
            const counts = Object.fromEntries(cell.counts);
            all[[resolution, stream, dimension, value, bucket].join("/")] = { counts, peak: cell.peak };
          }
        }
      }
      all[[resolution, stream, "viewers"].join("/")] = await store.viewers("site", stream, spans);
    }
  }
  return all;
};
