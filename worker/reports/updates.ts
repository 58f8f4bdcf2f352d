import { BUCKET_MS, bucketOf, type Resolution } from "./bucket.ts";
import { Tally } from "./cell.ts";
import { contributionOf, type PlacedSample, valuesOf } from "./contribution.ts";
import { DIMENSIONS, type Dimension, specOf } from "./dimensions.ts";

/** Cells of one site: those of the site itself (null) or of one of its streams, in one dimension. */
export type Scope = { readonly stream: string | null; readonly dimension: Dimension };

/** A value that wants a place among those of its scope on a day (whole days since 1970). */
export type Slot = Scope & { readonly day: number; readonly value: string };

/** Names one cell within a site. */
export type CellName = Scope & { readonly value: string; readonly resolution: Resolution; readonly bucket: number };

/** What a batch adds to one cell: `counts` by addition; `viewers` (session ids) by union, where they are asked for. */
export type CellUpdate = { readonly name: CellName; readonly counts: Tally; readonly viewers: ReadonlySet<string> };

/**
 * Gives a value the name that it is counted under: its own, or `OTHER` when its scope had `specOf(dimension).most` others on that
 * day already. It must always say the same for the same slot. So minutes, hours and days name the same values, and sums agree.
 */
export type Admit = (slot: Slot) => string;

/** All that a batch of samples of one site adds, each cell once. The order of samples does not matter. */
export const updatesOf = (batch: readonly PlacedSample[], admit: Admit): readonly CellUpdate[] => {
  const finest = finestUpdates(batch, admit);
  return [...finest.all(), ...coarser(finest)];
};

/** The same, of the finest cells of each dimension only: the others are sums of these. */
export const finestUpdatesOf = (batch: readonly PlacedSample[], admit: Admit): Iterable<CellUpdate> =>
  finestUpdates(batch, admit).all();

const finestUpdates = (batch: readonly PlacedSample[], admit: Admit): Updates => {
  const finest = new Updates();
  const rooms = new Map<string, readonly Place[]>();
  for (const placed of batch) {
    const day = bucketOf(placed.at, "day");
    // Streams beyond the cap share the places of `OTHER`, so that a flood of names costs no more than one.
    const stream = admit({ stream: null, dimension: "stream", day, value: placed.sample.stream });
    const key = `${bucketOf(placed.at, "minute")}/${stream}`;
    const room = rooms.get(key) ?? placesOf(placed.at, stream, admit, finest);
    rooms.set(key, room);
    const values = valuesOf(placed);
    const contribution = contributionOf(placed);
    for (const { dimension, update } of room) {
      const { counts, viewers } = update(values[dimension]);
      counts.addAll(contribution(dimension));
      if (countsViewers(dimension)) viewers.add(placed.sample.session);
    }
  }
  return finest;
};

/** Where samples of one stream and minute go: the updates of one scope, by the value that a sample has there. */
type Place = { readonly dimension: Dimension; readonly update: (value: string) => Update };
type Update = { readonly name: CellName; readonly counts: Tally; readonly viewers: Set<string> };

const placesOf = (at: number, stream: string, admit: Admit, updates: Updates): readonly Place[] => {
  const day = bucketOf(at, "day");
  return DIMENSIONS.flatMap((dimension) => {
    const [resolution] = specOf(dimension).resolutions;
    const bucket = bucketOf(at, resolution);
    return scopesOf(dimension, stream).map((scope): Place => {
      const known = new Map<string, Update>();
      const find = (value: string): Update => {
        const update = updates.at({ ...scope, value: admit({ ...scope, day, value }), resolution, bucket });
        known.set(value, update);
        return update;
      };
      // All of them are samples of this stream, whatever it is called in them.
      if (dimension === "stream") {
        const total = updates.at({ ...scope, value: stream, resolution, bucket });
        return { dimension, update: () => total };
      }
      return { dimension, update: (value) => known.get(value) ?? find(value) };
    });
  });
};

/** The same in wider buckets, where a dimension has them. */
const coarser = (finest: Updates): Iterable<CellUpdate> => {
  const updates = new Updates();
  for (const { name, counts, viewers } of finest.all()) {
    for (const resolution of specOf(name.dimension).resolutions.slice(1)) {
      const wider = updates.at({
        ...name,
        resolution,
        bucket: bucketOf(name.bucket * BUCKET_MS[name.resolution], resolution),
      });
      wider.counts.addAll(counts);
      for (const viewer of viewers) wider.viewers.add(viewer);
    }
  }
  return updates.all();
};

/** Updates by the cell that they are for. */
class Updates {
  readonly #byKey = new Map<string, Update>();

  at(name: CellName): Update {
    const key = keyOf(name);
    let update = this.#byKey.get(key);
    if (update === undefined) {
      update = { name, counts: new Tally(), viewers: new Set() };
      this.#byKey.set(key, update);
    }
    return update;
  }

  all(): Iterable<CellUpdate> {
    return this.#byKey.values();
  }
}

/** Where a dimension's cells are: the site's, the stream's, or both. */
const scopesOf = (dimension: Dimension, stream: string): readonly Scope[] => {
  const { of } = specOf(dimension);
  const site = { stream: null, dimension };
  const own = { stream, dimension };
  return of === "both" ? [site, own] : [of === "site" ? site : own];
};

/** Different viewers are counted of a site and of each stream; elsewhere the sessions that add up must do. */
export const countsViewers = (dimension: Dimension): boolean => dimension === "all" || dimension === "stream";

/** A text that no other cell of the site has: of a stream's name, which may be anything, nothing follows. */
export const keyOf = ({ stream, dimension, value, resolution, bucket }: CellName): string =>
  dimension === "stream"
    ? `${resolution}/${bucket}/${dimension}/${value}`
    : `${resolution}/${bucket}/${dimension}/${value}/${stream ?? ""}`;
