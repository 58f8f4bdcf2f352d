import { type Cell, type Resolution, specOf } from "../../reports/index.ts";
import type { Look } from "../port.ts";

/** Cells by value and bucket. */
export type Cells = Map<string, Map<number, Cell>>;

/** Buckets `from` to `to` (exclusive) of one width. */
export type Range = { readonly from: number; readonly to: number };

/** Whole numbers from `from` up to `to`, which is left out. */
export const rangeOf = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);

export function rowIn<Value>(rows: Map<string, Map<number, Value>>, name: string): Map<number, Value> {
  const row = rows.get(name) ?? new Map<number, Value>();
  rows.set(name, row);
  return row;
}

/** The finest buckets that a dimension has: the only ones that samples are written to. */
export const finestOf = (dimension: Look["dimension"]): Resolution => specOf(dimension).resolutions[0];
