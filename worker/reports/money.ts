import type { Money } from "../protocol/index.ts";
import { type Cell, count } from "./cell.ts";

/** From so many gigabytes (10^9 bytes) on, a gigabyte costs `price`. */
export type Tier = { readonly fromGB: number; readonly price: number };

/** What an operator pays. The first tier begins at 0, and tiers ascend. */
export type Prices = { readonly currency: string; readonly cdn: readonly Tier[]; readonly turnPerGB: number };

const GB = 1e9;

/** Cost of so many bytes: each gigabyte at the price of the tier that it falls into. */
export const costOf = (bytes: number, tiers: readonly Tier[]): number => {
  const volume = bytes / GB;
  return tiers.reduce((cost, { fromGB, price }, index) => {
    const toGB = tiers[index + 1]?.fromGB ?? Number.POSITIVE_INFINITY;
    return cost + Math.max(0, Math.min(volume, toGB) - fromGB) * price;
  }, 0);
};

/** What peer delivery saved. The tiers apply to what is reported: over a month, they are a monthly bill's. */
export const moneyOf = (cell: Cell, prices: Prices | null): Money | null => {
  if (prices === null) return null;
  const without = costOf(count(cell, "played"), prices.cdn);
  const cdn = costOf(count(cell, "cdn"), prices.cdn);
  const turn = (count(cell, "relay") / GB) * prices.turnPerGB;
  return { currency: prices.currency, without, cdn, turn, saved: without - cdn - turn };
};
