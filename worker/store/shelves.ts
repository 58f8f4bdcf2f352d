import {
  BUCKET_MS,
  bucketOf,
  type Cell,
  type CellName,
  type CellUpdate,
  count,
  emptyCell,
  mergeViewers,
  NO_VIEWERS,
  oldestBucket,
  RESOLUTIONS,
  type Resolution,
  type Scope,
  type Span,
  specOf,
  type Viewers,
} from "../reports/index.ts";

/** A cell in memory, with the marks of its viewers. */
export type Shelved = { readonly cell: Cell; viewers: Viewers };

/** All cells of one value in one scope, by resolution and bucket. */
type Shelf = Record<Resolution, Map<number, Shelved>>;

/** The cells of one site. */
export type Shelves = {
  /** Adds what a batch adds up to; `markOf` turns viewers into their marks. */
  readonly add: (updates: readonly CellUpdate[], markOf: (viewers: ReadonlySet<string>) => Viewers) => void;
  readonly values: (scope: Scope) => Iterable<string>;
  /** The cells of one value that hold anything, in the order of time. */
  readonly within: (scope: Scope, value: string, span: Span) => readonly (readonly [bucket: number, Shelved])[];
  /** Drops what is past its time at `now`. */
  readonly prune: (now: number) => void;
  readonly size: () => number;
  /** Every cell, and the way back. */
  readonly entries: () => Iterable<readonly [CellName, Shelved]>;
  readonly restore: (name: CellName, cell: Cell, viewers: Viewers) => void;
};

export const createShelves = (): Shelves => {
  const scopes = new Map<string, Scope & { readonly byValue: Map<string, Shelf> }>();
  let cells = 0;

  const shelvedAt = ({ stream, dimension, value, resolution, bucket }: CellName): Shelved => {
    const scope = scopes.get(keyOf({ stream, dimension })) ?? { stream, dimension, byValue: new Map<string, Shelf>() };
    scopes.set(keyOf({ stream, dimension }), scope);
    const shelf = scope.byValue.get(value) ?? { minute: new Map(), hour: new Map(), day: new Map() };
    scope.byValue.set(value, shelf);
    const known = shelf[resolution].get(bucket);
    if (known !== undefined) return known;
    const made = { cell: emptyCell(), viewers: NO_VIEWERS };
    shelf[resolution].set(bucket, made);
    cells += 1;
    return made;
  };

  /** The hour and the day of a minute see its peak. */
  const lift = (name: CellName): void => {
    const minute = shelvedAt(name).cell;
    minute.peak = count(minute, "inMinute");
    for (const resolution of specOf(name.dimension).resolutions.slice(1)) {
      const bucket = bucketOf(name.bucket * BUCKET_MS.minute, resolution);
      const wider = shelvedAt({ ...name, resolution, bucket }).cell;
      wider.peak = Math.max(wider.peak, minute.peak);
    }
  };

  return {
    add: (updates, markOf) => {
      for (const { name, counts, viewers } of updates) {
        const shelved = shelvedAt(name);
        shelved.cell.counts.addAll(counts);
        if (viewers.size > 0) shelved.viewers = mergeViewers(shelved.viewers, markOf(viewers));
      }
      for (const { name } of updates) if (name.resolution === "minute") lift(name);
    },
    values: (scope) => scopes.get(keyOf(scope))?.byValue.keys() ?? [],
    within: (scope, value, { resolution, from, to }) => {
      const buckets = scopes.get(keyOf(scope))?.byValue.get(value)?.[resolution] ?? new Map<number, Shelved>();
      const found: [number, Shelved][] = [];
      if (to - from > buckets.size) {
        for (const [bucket, shelved] of buckets) if (bucket >= from && bucket < to) found.push([bucket, shelved]);
        return found.sort(([a], [b]) => a - b);
      }
      for (let bucket = from; bucket < to; bucket += 1) {
        const shelved = buckets.get(bucket);
        if (shelved !== undefined) found.push([bucket, shelved]);
      }
      return found;
    },
    prune: (now) => {
      for (const [key, { dimension, byValue }] of scopes) {
        for (const [value, shelf] of byValue) {
          for (const resolution of RESOLUTIONS) {
            const oldest = oldestBucket(dimension, resolution, now);
            for (const bucket of shelf[resolution].keys()) {
              if (bucket < oldest && shelf[resolution].delete(bucket)) cells -= 1;
            }
          }
          if (RESOLUTIONS.every((resolution) => shelf[resolution].size === 0)) byValue.delete(value);
        }
        if (byValue.size === 0) scopes.delete(key);
      }
    },
    size: () => cells,
    entries: function* () {
      for (const { stream, dimension, byValue } of scopes.values()) {
        for (const [value, shelf] of byValue) {
          for (const resolution of RESOLUTIONS) {
            for (const [bucket, shelved] of shelf[resolution]) {
              yield [{ stream, dimension, value, resolution, bucket }, shelved];
            }
          }
        }
      }
    },
    restore: (name, { counts, peak }, viewers) => {
      const shelved = shelvedAt(name);
      shelved.cell.counts.addAll(counts);
      shelved.cell.peak = peak;
      shelved.viewers = viewers;
    },
  };
};

const keyOf = ({ stream, dimension }: Scope): string => `${dimension}/${stream ?? ""}`;
