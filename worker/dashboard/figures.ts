import type { Summary } from "../protocol/summary.ts";
import {
  bytesOf,
  countOf,
  durationOf,
  moneyOf,
  NONE,
  percentOf,
  pluralOf,
  type Quantity,
  textOf,
} from "../protocol/units.ts";
import type { Report } from "./api.ts";
import { find, setQuantity, setText } from "./dom.ts";
import { headlineOf, keptOff } from "./headline.ts";
import { viewWords } from "./view.ts";

const HOUR_MS = 3_600_000;

/** Stalls in an hour of one viewer watching; null when nobody watched. */
export const stallRate = ({ stalls, watchMs }: Pick<Summary["quality"], "stalls" | "watchMs">): number | null =>
  watchMs === 0 ? null : (stalls * HOUR_MS) / watchMs;

/** A rate as a figure: small ones with digits behind the point. */
export const stallRateText = (rate: number | null): string =>
  rate === null ? NONE : rate >= 9.95 ? countOf(rate) : rate === 0 ? "0" : rate.toFixed(rate >= 0.995 ? 1 : 2);

/** Fills the headline and the four figures below it. */
export const showFigures = ({ view, summary, now }: Report): void => {
  const { bytes, quality, viewers } = summary;
  setText(find("headline"), headlineOf(summary));
  setText(find("scope"), viewWords(view));

  setQuantity(find("offload"), percentOf(summary.offload));
  setText(find("offload-note"), now.offload === null ? "Nothing plays now" : `${textOf(percentOf(now.offload))} now`);
  showShare(bytes);
  showSaved(summary);
  setText(find("viewers"), countOf(summary.viewers.now));
  // A viewer with two windows plays twice.
  const people = pluralOf(viewers.unique, "viewer", "viewers");
  setText(find("viewers-note"), `${countOf(viewers.peak)} at the peak · ${people} in all`);
  setText(find("stalls"), stallRateText(stallRate(quality)));
  setText(
    find("stalls-note"),
    quality.startupMs === null ? "No first picture yet" : `First picture after ${durationOf(quality.startupMs)}`,
  );
};

/** Money where there is a price, else bytes. */
const showSaved = (summary: Summary): void => {
  const { bytes, offload, money } = summary;
  const none: Quantity = { value: NONE, unit: "" };
  setText(find("saved-title"), money === null ? "Kept off the CDN" : "Money saved");
  if (offload === null) {
    setQuantity(find("saved"), none);
    setText(find("saved-note"), "Nothing played yet");
  } else if (money === null) {
    setQuantity(find("saved"), bytesOf(keptOff(summary)));
    setText(find("saved-note"), `of ${textOf(bytesOf(bytes.played))} played`);
  } else {
    const text = (amount: number): string => textOf(moneyOf(amount, money.currency));
    const turn = money.turn > 0 ? `, ${text(money.turn)} of it for TURN` : "";
    setQuantity(find("saved"), moneyOf(money.saved, money.currency));
    setText(find("saved-note"), `of ${text(money.without)}; ${text(money.cdn + money.turn)} paid${turn}`);
  }
};

const showShare = (bytes: Summary["bytes"]): void => {
  const total = bytes.cdn + bytes.peer + bytes.relay;
  for (const source of ["peer", "relay", "cdn"] as const) {
    find(`share-${source}`).style.flexBasis = total === 0 ? "0%" : `${(bytes[source] / total) * 100}%`;
  }
};
