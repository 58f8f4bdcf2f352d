import {
  bytesOf,
  countOf,
  durationOf,
  moneyOf,
  NONE,
  percentOf,
  rateText,
  textOf,
} from "../../worker/protocol/units.ts";

type Write = (figure: number, currency: string) => string;

/**
 * What the numbers of reports are, by where they stand: the first that fits counts. A comparison with the holdout has the unit of
 * what is compared.
 */
const UNITS: readonly (readonly [RegExp, Write])[] = [
  [/^money\./, (amount, currency) => textOf(moneyOf(amount, currency))],
  [/^at$/, (ms) => timeOf(new Date(ms).toISOString())],
  [/\bneeded$|^sessions\b/, countOf],
  [/Ms\b|\bstartup\b|\bstall\b/, durationOf],
  [/\b(offload|bound|stallRatio)\b/, (share) => textOf(percentOf(share))],
  [/\bbitsPerSecond\b/, rateText],
  [/\b(bytes|nearness|cdnReasons|spent|claimed|given|disputed)\b/, (bytes) => textOf(bytesOf(bytes))],
  [/^(cdn|peer|relay|uploaded|played)$/, (bytes) => textOf(bytesOf(bytes))],
];

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** A figure of a report as people read it; `name` is its way through the answer, such as `quality.startup.p50`. */
export function figureOf(name: string, figure: unknown, currency: string): string {
  if (figure === null || figure === undefined) return NONE;
  if (typeof figure === "string" && TIME.test(figure)) return timeOf(figure);
  // Escape codes in a stream's name must not move the terminal's cursor.
  if (typeof figure !== "number") return String(figure).replace(/\p{Cc}/gu, "?");
  const [, write = countOf] = UNITS.find(([where]) => where.test(name)) ?? [];
  return write(figure, currency).replace(/[\u00a0\u202f]/g, " ");
}

/** `2026-01-31 12:00:05`, without seconds on the minute; in UTC, as all times of reports. */
const timeOf = (iso: string): string => iso.slice(0, 19).replace("T", " ").replace(/:00$/, "");
