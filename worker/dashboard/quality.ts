import type { Comparison, Holdout, Quantiles, Summary } from "../protocol/summary.ts";
import { bytesOf, countOf, durationOf, NONE, pluralOf, rateText, textOf } from "../protocol/units.ts";
import { find, make, setText } from "./dom.ts";

/** Fills the panel about what viewers saw. */
export const showQuality = ({ quality, bytes, accounts }: Summary): void => {
  setText(find("startup"), quantilesText(quality.startup));
  setText(find("stall-count"), `${countOf(quality.stalls)}, ${durationOf(quality.stallMs)} in all`);
  setText(find("stall-length"), quantilesText(quality.stall));
  setText(find("watch-time"), durationOf(quality.watchMs));
  setText(find("bitrate"), quality.bitsPerSecond === null ? NONE : rateText(quality.bitsPerSecond));
  setText(find("errors"), countOf(quality.errors));
  setText(find("held-back"), heldBackText(quality));
  setText(find("uploaded"), textOf(bytesOf(bytes.uploaded)));
  setText(find("wasted"), textOf(bytesOf(bytes.wasted)));
  setText(find("overhead"), textOf(bytesOf(bytes.overhead)));
  setText(find("disputed"), textOf(bytesOf(accounts.disputed)));
};

/** How long viewers had backed off after neighbours disturbed playback, and how much of that without any. */
const heldBackText = ({ waryMs, offMs }: Summary["quality"]): string => {
  const whole = waryMs + offMs;
  if (whole === 0) return "never";
  return offMs === 0 ? durationOf(whole) : `${durationOf(whole)}, ${durationOf(offMs)} of it off the mesh`;
};

const quantilesText = (quantiles: Quantiles | null): string =>
  quantiles === null ? NONE : [quantiles.p50, quantiles.p75, quantiles.p95].map(durationOf).join(" · ");

/** The figures that are compared, and how each is written. */
const COMPARED = [
  { figure: "startupMs", name: "First picture", text: (ms: number) => signed(ms, durationOf) },
  { figure: "stallRatio", name: "Time stalled", text: (share: number) => signed(share, shareText) },
  { figure: "bitsPerSecond", name: "Bitrate", text: (rate: number) => signed(rate, rateText) },
] as const;

const shareText = (share: number): string => textOf({ value: (share * 100).toFixed(2), unit: "%" });

const signed = (value: number, text: (size: number) => string): string =>
  (value < 0 ? "−" : "") + text(Math.abs(value));

/** Fills the comparison of viewers with peers and viewers without. */
export const showHoldout = (holdout: Holdout): void => {
  const { p2p, holdout: without } = holdout.sessions;
  setText(find("holdout-note"), holdoutWords(p2p, without));
  find("holdout-table").hidden = without === 0;
  find("holdout-rows").replaceChildren(...COMPARED.map(({ figure, name, text }) => rowOf(name, holdout[figure], text)));
};

const holdoutWords = (p2p: number, without: number): string =>
  without === 0
    ? "Nobody played without peers in this range, so there is nothing to compare with. HOLDOUT_SHARE sets a share of viewers apart."
    : `${pluralOf(p2p, "session", "sessions")} with peers against ${countOf(without)} set apart without. Differences with 95 % confidence.`;

const rowOf = (name: string, comparison: Comparison, text: (value: number) => string): HTMLElement => {
  const head = make("th", name);
  head.scope = "row";
  const cell = (value: number | null): HTMLElement => make("td", value === null ? NONE : text(value));
  const verdict = make("span", verdictWords(comparison));
  verdict.className = "verdict";
  verdict.dataset.verdict = comparison.kind === "compared" ? comparison.verdict : comparison.kind;
  return make(
    "tr",
    head,
    cell(comparison.p2p),
    cell(comparison.holdout),
    differenceCell(comparison, text),
    make("td", verdict),
  );
};

const differenceCell = (comparison: Comparison, text: (value: number) => string): HTMLElement => {
  if (comparison.kind === "tooSmall") return make("td", NONE);
  const { difference, interval } = comparison;
  const plus = (value: number): string => (value > 0 ? "+" : "") + text(value);
  const range = make("span", `${plus(interval.from)} to ${plus(interval.to)}`);
  range.className = "note";
  return make("td", plus(difference), " ", range);
};

const verdictWords = (comparison: Comparison): string => {
  if (comparison.kind === "tooSmall") return `too small: needs ${countOf(comparison.needed)} each`;
  return comparison.verdict === "no difference seen" ? "no difference seen" : `${comparison.verdict} with peers`;
};
