import {
  BUCKET_MS,
  bucketOf,
  type Cell,
  type CellName,
  type CellUpdate,
  count,
  countsViewers,
  mergeViewers,
  oldestBucket,
  RESOLUTIONS,
  type Resolution,
  type Scope,
  type Span,
  specOf,
  type Viewers,
} from "../reports/index.ts";
import { createRow, type Row, type Shelved } from "./row.ts";

/** Minutes are packed so long after their hour, in buckets: nearly all that is late has come by then. */
const SETTLED = 15;

/** All cells of one value in one scope. */
type Shelf = Record<Resolution, Row>;

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
  const shelvedAt = ({ stream, dimension, value, resolution, bucket }: CellName): Shelved => {
    const scope = scopes.get(keyOf({ stream, dimension })) ?? { stream, dimension, byValue: new Map<string, Shelf>() };
    scopes.set(keyOf({ stream, dimension }), scope);
    const shelf = scope.byValue.get(value) ?? { minute: createRow(), hour: createRow(), day: createRow() };
    scope.byValue.set(value, shelf);
    return shelf[resolution].at(bucket);
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
    within: (scope, value, { resolution, from, to }) =>
      scopes.get(keyOf(scope))?.byValue.get(value)?.[resolution].within(from, to) ?? [],
    prune: (now) => {
      for (const [key, { dimension, byValue }] of scopes) {
        for (const [value, shelf] of byValue) {
          for (const resolution of RESOLUTIONS) shelf[resolution].prune(oldestBucket(dimension, resolution, now));
          // Totals are few, and their viewers have no place in a pack.
          if (!countsViewers(dimension)) shelf.minute.pack(bucketOf(now, "minute") - SETTLED);
          if (sizeOf(shelf) === 0) byValue.delete(value);
        }
        if (byValue.size === 0) scopes.delete(key);
      }
    },
    size: () => {
      let cells = 0;
      for (const { byValue } of scopes.values()) for (const shelf of byValue.values()) cells += sizeOf(shelf);
      return cells;
    },
    entries: function* () {
      for (const { stream, dimension, byValue } of scopes.values()) {
        for (const [value, shelf] of byValue) {
          for (const resolution of RESOLUTIONS) {
            for (const [bucket, shelved] of shelf[resolution].within(0, Number.POSITIVE_INFINITY)) {
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

const sizeOf = (shelf: Shelf): number => RESOLUTIONS.reduce((sum, resolution) => sum + shelf[resolution].size(), 0);

const keyOf = ({ stream, dimension }: Scope): string => `${dimension}/${stream ?? ""}`;
