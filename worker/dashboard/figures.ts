import type { Report } from "./api.ts";
import { find, setQuantity, setText } from "./dom.ts";
import { bytesOf, countOf, durationOf, NONE, percentOf, pluralOf, type Quantity, textOf } from "./format.ts";

const HOUR_MS = 3_600_000;

/** Stalls in an hour of one viewer watching; null when nobody watched. */
export const stallRate = ({
  stalls,
  watchMs,
}: Pick<Report["summary"]["quality"], "stalls" | "watchMs">): number | null =>
  watchMs === 0 ? null : (stalls * HOUR_MS) / watchMs;

const rateText = (rate: number | null): string =>
  rate === null ? NONE : rate >= 9.95 ? countOf(rate) : rate === 0 ? "0" : rate.toFixed(rate >= 0.995 ? 1 : 2);

/** Bytes that the CDN and TURN would have delivered without peers, less what they did deliver. */
const savedOf = ({ bytes }: Report["summary"]): number => bytes.played - bytes.cdn - bytes.relay;

const savedNote = (summary: Report["summary"]): string => {
  const { played } = summary.bytes;
  if (played === 0) return "Nothing played yet";
  return savedOf(summary) < 0 ? "More was bought than played" : `of ${textOf(bytesOf(played))} played`;
};

const offloadNote = ({ bytes, offload }: Report["summary"]): string => {
  if (offload === null) return "Nothing played yet";
  return `CDN ${textOf(bytesOf(bytes.cdn))} · peers ${textOf(bytesOf(bytes.peer))}`;
};

/** Fills the four headline figures and the quality panel. */
export const showFigures = ({ summary, viewersNow }: Report): void => {
  const { bytes, quality, viewers } = summary;
  const none: Quantity = { value: NONE, unit: "" };

  setQuantity(find("offload"), percentOf(summary.offload));
  setText(find("offload-note"), offloadNote(summary));
  showShare(bytes);
  setQuantity(find("saved"), summary.offload === null ? none : bytesOf(savedOf(summary)));
  setText(find("saved-note"), savedNote(summary));
  setText(find("viewers"), countOf(viewersNow));
  setText(find("viewers-note"), `${countOf(viewers.peak)} at the peak · ${countOf(viewers.unique)} in all`);
  setText(find("stalls"), rateText(stallRate(quality)));
  setText(find("stalls-note"), `First picture after ${durationOf(quality.startupMs)}`);

  setText(find("startup"), durationOf(quality.startupMs));
  setText(find("stall-count"), countOf(quality.stalls));
  setText(find("stall-time"), durationOf(quality.stallMs));
  setText(find("watch-time"), durationOf(quality.watchMs));
  setText(find("uploaded"), textOf(bytesOf(bytes.uploaded)));
  setText(find("wasted"), textOf(bytesOf(bytes.wasted)));
};

const showShare = (bytes: Report["summary"]["bytes"]): void => {
  const total = bytes.cdn + bytes.peer + bytes.relay;
  for (const source of ["peer", "relay", "cdn"] as const) {
    find(`share-${source}`).style.flexBasis = total === 0 ? "0%" : `${(bytes[source] / total) * 100}%`;
  }
};

/** The headline in one sentence, for those who listen. */
export const headlineOf = ({ view, summary, viewersNow }: Report): string => {
  const where = `${view.range.words}, ${view.stream === "" ? "all streams" : `stream ${view.stream}`}`;
  if (summary.offload === null) return `${where}: nothing was played.`;
  const saved = textOf(bytesOf(savedOf(summary)));
  const stalls = pluralOf(summary.quality.stalls, "stall", "stalls");
  const watching = pluralOf(viewersNow, "viewer", "viewers");
  return `${where}: offload ${textOf(percentOf(summary.offload))}, ${saved} saved, ${watching} now, ${stalls}.`;
};
