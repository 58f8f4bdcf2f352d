import { type Cell, CLOCK_LAG_MS, HOUR_MS, MINUTE_MS } from "../../reports/index.ts";
import { SESSION_MEMORY_MS } from "../sessions.ts";
import { type Cells, type Range, rangeOf, rowIn } from "./rows.ts";

/**
 * So long after its end a bucket is settled, in milliseconds: what was received longer ago than sessions are remembered is refused, none
 * counts for much before its receipt, and so nothing is added to it any more. An hour for clocks that disagree, and for slow steps.
 */
export const SETTLED_MS = SESSION_MEMORY_MS + CLOCK_LAG_MS + HOUR_MS;
/** Cells kept in this process at most, about 2 KB each; one more, and the buckets that were kept first are forgotten. */
export const MAX_KEPT_CELLS = 20_000;
/** How long a bucket is kept, in milliseconds: whatever is done to Redis by hand shows by then. */
export const KEPT_MS = 5 * MINUTE_MS;

/** Cells of one bucket by value. */
type Bucket = { readonly until: number; readonly cells: readonly (readonly [value: string, Cell])[] };

/** Keeps what settled buckets hold, since reports over many days ask for the same ones again and again. */
export type Settled = {
  /** What is kept of a range, and the least range that takes in all of its buckets that are not. */
  readonly recall: (of: string, range: Range) => { readonly kept: Cells; readonly missing: Range };
  /** Keeps what the buckets of a range hold, but for those that are open. */
  readonly keep: (of: string, range: Range, cells: Cells, open: readonly number[]) => void;
  readonly forget: (of: string, buckets: readonly number[]) => void;
};

export function createSettled(clock: () => number, most = MAX_KEPT_CELLS): Settled {
  const buckets = new Map<string, Bucket>();
  let size = 0;

  const find = (of: string, bucket: number): Bucket | undefined => {
    const found = buckets.get(nameOf(of, bucket));
    return found !== undefined && found.until > clock() ? found : undefined;
  };
  const drop = (name: string): void => {
    const known = buckets.get(name);
    if (known === undefined) return;
    buckets.delete(name);
    size -= roomOf(known);
  };

  return {
    recall(of, { from, to }) {
      let [first, end] = [from, to];
      while (first < end && find(of, first)) first += 1;
      while (first < end && find(of, end - 1)) end -= 1;
      const kept: Cells = new Map();
      for (const bucket of [...rangeOf(from, first), ...rangeOf(end, to)]) {
        for (const [value, cell] of find(of, bucket)?.cells ?? []) rowIn(kept, value).set(bucket, cell);
      }
      return { kept, missing: { from: first, to: end } };
    },
    keep(of, { from, to }, cells, open) {
      const until = clock() + KEPT_MS;
      for (const bucket of rangeOf(from, to)) {
        if (open.includes(bucket)) continue;
        const inBucket = [...cells].flatMap(([value, row]): (readonly [string, Cell])[] => {
          const cell = row.get(bucket);
          return cell === undefined ? [] : [[value, cell]];
        });
        drop(nameOf(of, bucket));
        const added = { until, cells: inBucket };
        buckets.set(nameOf(of, bucket), added);
        size += roomOf(added);
      }
      for (const oldest of buckets.keys()) {
        if (size <= most) break;
        drop(oldest);
      }
    },
    forget: (of, gone) => {
      for (const bucket of gone) drop(nameOf(of, bucket));
    },
  };
}

/** A bucket without cells takes room as well. */
const roomOf = ({ cells }: Bucket): number => cells.length + 1;

const nameOf = (of: string, bucket: number): string => `${bucket} ${of}`;
