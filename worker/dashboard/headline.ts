import type { Money, Summary } from "../protocol/summary.ts";
import { bytesOf, countOf, moneyOf, percentOf, pluralOf, textOf } from "../protocol/units.ts";
import type { Report } from "./api.ts";
import { viewWords } from "./view.ts";

/** Bytes that the CDN and TURN would have delivered without peers, less what they did deliver. */
export const keptOff = ({ bytes }: Pick<Summary, "bytes">): number => bytes.played - bytes.cdn - bytes.relay;

/** The report in one sentence. */
export const headlineOf = (summary: Pick<Summary, "bytes" | "offload" | "money">): string => {
  const { offload, money } = summary;
  if (offload === null) return "Nothing was played in this range.";
  if (offload < 0) return `The CDN delivered ${textOf(bytesOf(-keptOff(summary)))} more than was watched.`;
  if (offload < 0.0005) return "All of what was watched came from the CDN.";
  const saved = savedWords(money) ?? `that kept ${textOf(bytesOf(keptOff(summary)))} off the CDN`;
  return `Neighbours carried ${textOf(percentOf(offload))} of what was watched; ${saved}.`;
};

const savedWords = (money: Money | null): string | null => {
  if (money === null) return null;
  const amount = textOf(moneyOf(Math.abs(money.saved), money.currency));
  return money.saved < 0 ? `TURN made it ${amount} dearer all the same` : `that saved ${amount}`;
};

/** What is read out to those who listen when they chose another view. */
export const announcementOf = ({ view, summary }: Report): string => {
  const stalls = pluralOf(summary.quality.stalls, "stall", "stalls");
  return `${viewWords(view)}: ${headlineOf(summary)} ${countOf(summary.viewers.now)} playing now, ${stalls}.`;
};
