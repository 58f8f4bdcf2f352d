import type { Accounts, Covered, Summary } from "../protocol/index.ts";
import { type Cell, count, merge } from "./cell.ts";
import { figuresOf } from "./figures.ts";
import { moneyOf, type Prices } from "./money.ts";
import { disputedBytes } from "./pairs.ts";
import type { Range } from "./range.ts";

/** What a report is about; null stands for all of them. */
export type Subject = { readonly site: string | null; readonly stream: string | null };

/** The range as an answer tells it. */
export const covered = ({ from, to }: Range): Covered => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});

/** Sums up the cells of a range. `viewers` and `now` are counted elsewhere: viewers do not add up. */
export const summarise = (
  subject: Subject,
  range: Range,
  cells: Iterable<Cell>,
  viewers: { readonly unique: number; readonly now: number },
  prices: Prices | null,
): Summary => {
  const total = merge(cells);
  return {
    ...subject,
    ...covered(range),
    ...figuresOf(total),
    viewers: { unique: viewers.unique, peak: total.peak, now: viewers.now },
    accounts: accountsOf(total),
    money: moneyOf(total, prices),
  };
};

/** What both sides of the links tell. */
export const accountsOf = (cell: Cell): Accounts => ({
  claimed: count(cell, "claimed"),
  given: count(cell, "given"),
  disputed: disputedBytes(cell),
});
