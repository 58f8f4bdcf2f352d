import { bucketOf, type Resolution } from "./bucket.ts";
import { type Contribution, contributions, kindOf, type PlacedSample, valuesOf, viewerOf } from "./contribution.ts";
import { DIMENSIONS, type Dimension, specOf } from "./dimensions.ts";
import { Ledger } from "./ledger.ts";

/** Cells of one site: those of the site itself (null) or of one of its streams, in one dimension. */
export type Scope = { readonly stream: string | null; readonly dimension: Dimension };

/**
 * Gives values of a scope on a day (whole days since 1970) the names that they are counted under: a value's own, or `OTHER` when its
 * scope had `specOf(dimension).most` others on that day already. It must always say the same of the same value. So minutes, hours and
 * days name the same values, and sums agree.
 */
export type Admit = (scope: Scope, day: number) => (value: string) => string;

/** The cells of one scope in one bucket that a batch adds to: by value, the row of the ledger where that is. */
export type Group = Scope & {
  readonly resolution: Resolution;
  readonly bucket: number;
  readonly rows: ReadonlyMap<string, number>;
};

/** What a batch adds to cells, and (where different viewers are counted) who was there, by row. */
export type Sums = {
  readonly groups: readonly Group[];
  readonly ledger: Ledger;
  readonly viewers: ReadonlyMap<number, ReadonlySet<string>>;
};

/** What a batch of samples of one site adds to the finest cells of each dimension. The others are sums of these. */
export const sumsOf = (batch: readonly PlacedSample[], admit: Admit): Sums => {
  const ledger = new Ledger();
  const viewers = new Map<number, Set<string>>();
  const rooms = new Rooms(admit, ledger);
  const contributionOf = contributions();
  for (const placed of batch) {
    const values = valuesOf(placed);
    const contribution = contributionOf(placed);
    const viewer = viewerOf(placed);
    for (const { kind, cells } of rooms.of(placed)) {
      const row = cells.rowOf(values[cells.dimension]);
      ledger.add(row, contribution[kind]);
      if (kind !== "paired") continue;
      const known = viewers.get(row);
      if (known === undefined) viewers.set(row, new Set([viewer]));
      else known.add(viewer);
    }
  }
  return { groups: rooms.groups(), ledger, viewers };
};

/** Where samples of one stream and minute go, and what of them. */
type Place = { readonly kind: keyof Contribution; readonly cells: Cells };

class Rooms {
  readonly #admit: Admit;
  readonly #ledger: Ledger;
  readonly #cells = new Map<string, Cells>();
  /** By minute and by the stream's name in samples. Streams beyond the cap share the cells of `OTHER`. */
  readonly #rooms = new Map<number, Map<string, readonly Place[]>>();

  constructor(admit: Admit, ledger: Ledger) {
    this.#admit = admit;
    this.#ledger = ledger;
  }

  of({ at, sample }: PlacedSample): readonly Place[] {
    const minute = bucketOf(at, "minute");
    const rooms = this.#rooms.get(minute) ?? new Map<string, readonly Place[]>();
    this.#rooms.set(minute, rooms);
    const room = rooms.get(sample.stream) ?? this.#open(at, sample.stream);
    rooms.set(sample.stream, room);
    return room;
  }

  groups(): readonly Group[] {
    return [...this.#cells.values()];
  }

  #open(at: number, name: string): readonly Place[] {
    const day = bucketOf(at, "day");
    const stream = this.#cellsAt(at, day, { stream: null, dimension: "stream" }).nameOf(name);
    return DIMENSIONS.flatMap((dimension) =>
      scopesOf(dimension, stream).map(
        (scope): Place => ({ kind: kindOf(dimension), cells: this.#cellsAt(at, day, scope) }),
      ),
    );
  }

  #cellsAt(at: number, day: number, scope: Scope): Cells {
    const [resolution] = specOf(scope.dimension).resolutions;
    const bucket = bucketOf(at, resolution);
    const key = `${bucket} ${scope.dimension} ${scope.stream ?? ""}`;
    const known = this.#cells.get(key) ?? new Cells(scope, resolution, bucket, this.#admit(scope, day), this.#ledger);
    this.#cells.set(key, known);
    return known;
  }
}

/** The cells of a scope in one bucket. */
class Cells implements Group {
  readonly stream: string | null;
  readonly dimension: Dimension;
  readonly resolution: Resolution;
  readonly bucket: number;
  readonly rows = new Map<string, number>();
  readonly #admit: (value: string) => string;
  readonly #ledger: Ledger;
  /** Rows of values that are counted under another name. */
  readonly #renamed = new Map<string, number>();

  constructor(
    { stream, dimension }: Scope,
    resolution: Resolution,
    bucket: number,
    admit: (value: string) => string,
    ledger: Ledger,
  ) {
    this.stream = stream;
    this.dimension = dimension;
    this.resolution = resolution;
    this.bucket = bucket;
    this.#admit = admit;
    this.#ledger = ledger;
  }

  nameOf(value: string): string {
    return this.#admit(value);
  }

  rowOf(value: string): number {
    return this.rows.get(value) ?? this.#renamed.get(value) ?? this.#open(value);
  }

  #open(value: string): number {
    const name = this.#admit(value);
    const row = this.rows.get(name) ?? this.#ledger.open();
    this.rows.set(name, row);
    if (name !== value) this.#renamed.set(value, row);
    return row;
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
export const countsViewers = (dimension: Dimension): boolean => kindOf(dimension) === "paired";
