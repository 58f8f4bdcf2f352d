import { BUCKET_MS, bucketOf, type Resolution } from "./bucket.ts";
import { Tally } from "./cell.ts";
import type { PlacedSample } from "./contribution.ts";
import { specOf } from "./dimensions.ts";
import { type Admit, type Scope, type Sums, sumsOf } from "./sums.ts";

/** Names one cell within a site. */
export type CellName = Scope & { readonly value: string; readonly resolution: Resolution; readonly bucket: number };

/** What a batch adds to one cell: `counts` by addition; `viewers` (`viewerOf`) by union, where they are asked for. */
export type CellUpdate = { readonly name: CellName; readonly counts: Tally; readonly viewers: ReadonlySet<string> };

/** All that a batch of samples of one site adds, each cell once. The order of samples does not matter. */
export const updatesOf = (batch: readonly PlacedSample[], admit: Admit): readonly CellUpdate[] => {
  const finest = updatesIn(sumsOf(batch, admit));
  return [...finest, ...coarser(finest)];
};

const updatesIn = ({ groups, ledger, viewers }: Sums): readonly CellUpdate[] =>
  groups.flatMap(({ stream, dimension, resolution, bucket, rows }) =>
    [...rows].map(([value, row]) => ({
      name: { stream, dimension, value, resolution, bucket },
      counts: ledger.tally(row),
      viewers: viewers.get(row) ?? NOBODY,
    })),
  );

const NOBODY: ReadonlySet<string> = new Set();

/** The same in wider buckets, where a dimension has them. */
const coarser = (finest: readonly CellUpdate[]): Iterable<CellUpdate> => {
  const wider = new Map<string, CellUpdate & { readonly viewers: Set<string> }>();
  for (const { name, counts, viewers } of finest) {
    for (const resolution of specOf(name.dimension).resolutions.slice(1)) {
      const bucket = bucketOf(name.bucket * BUCKET_MS[name.resolution], resolution);
      const at = { ...name, resolution, bucket };
      const key = keyOf(at);
      const update = wider.get(key) ?? { name: at, counts: new Tally(), viewers: new Set<string>() };
      wider.set(key, update);
      update.counts.addAll(counts);
      for (const viewer of viewers) update.viewers.add(viewer);
    }
  }
  return wider.values();
};

/** A text that no other cell of the site has: of a stream's name, which may be anything, nothing follows. */
export const keyOf = ({ stream, dimension, value, resolution, bucket }: CellName): string =>
  dimension === "stream"
    ? `${resolution}/${bucket}/${dimension}/${value}`
    : `${resolution}/${bucket}/${dimension}/${value}/${stream ?? ""}`;
