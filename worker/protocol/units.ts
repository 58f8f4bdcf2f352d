/** A figure as people read it: digits and, apart from them, the unit. */
export type Quantity<Unit extends string = string> = { readonly value: string; readonly unit: Unit };

/** What stands for a figure that there is none of. */
export const NONE = "–";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes in decimal units with three digits at least: 999 B, 1.25 GB, 1430 PB. */
export const bytesOf = (bytes: number): Quantity<(typeof UNITS)[number]> => {
  let scaled = Math.abs(bytes);
  let unit = 0;
  // 999.5 would be written as 1000 of the smaller unit.
  while (scaled >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  const sign = bytes < 0 && Number(scaled.toFixed(digits)) > 0 ? "−" : "";
  return { value: sign + scaled.toFixed(digits), unit: UNITS[unit] ?? "B" };
};

/** Labels of a scale of bytes, all in the unit of the largest. */
export const bytesScaleOf = (ticks: readonly number[]): string[] => {
  const { unit } = bytesOf(Math.max(...ticks));
  const scale = 1000 ** UNITS.indexOf(unit);
  return ticks.map((tick) => (tick === 0 ? "0" : `${Number((tick / scale).toFixed(2))} ${unit}`));
};

/** A fraction as a percentage with one digit behind the point below 99.95 %. */
export const percentOf = (fraction: number | null): Quantity => {
  if (fraction === null) return { value: NONE, unit: "" };
  const percent = fraction * 100;
  const digits = Math.abs(percent) >= 99.95 || percent === 0 ? 0 : 1;
  const text = Math.abs(percent).toFixed(digits);
  return { value: (percent < 0 && Number(text) > 0 ? "−" : "") + text, unit: "%" };
};

/** A time in milliseconds: 850 ms, 12.4 s, 3 min 20 s, 5 h 2 min. */
export const durationOf = (ms: number | null): string => {
  if (ms === null) return NONE;
  if (ms === 0) return "0\u00a0s";
  if (ms < 999.5) return `${Math.round(ms)}\u00a0ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_950 ? 2 : 1)}\u00a0s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}\u00a0min ${seconds % 60}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  return `${countOf(Math.floor(minutes / 60))}\u00a0h ${minutes % 60}\u00a0min`;
};

/** A whole number, its thousands apart by thin spaces. */
export const countOf = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** A count with its noun: 1 stall, 2 stalls. */
export const pluralOf = (count: number, one: string, many: string): string =>
  `${countOf(count)} ${Math.round(count) === 1 ? one : many}`;

/** A quantity in running text. */
export const textOf = ({ value, unit }: Quantity): string => (unit === "" ? value : `${value}\u00a0${unit}`);

/** Width of a bucket in words, for "per …". */
export const bucketOf = (ms: number): string => {
  const minutes = ms / 60_000;
  if (minutes === 1) return "minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = minutes / 60;
  if (hours < 24) return hours === 1 ? "hour" : `${hours} hours`;
  return hours === 24 ? "day" : `${hours / 24} days`;
};

/** An amount of money: 12.40 EUR, and from a thousand on without cents. */
export const moneyOf = (amount: number, currency: string): Quantity => {
  const size = Math.abs(amount);
  if (size > 0 && size < 0.005) return { value: "< 0.01", unit: currency };
  const sign = amount < 0 ? "−" : "";
  return { value: sign + (size >= 999.995 ? countOf(size) : size.toFixed(2)), unit: currency };
};

/** A rate in bits per second as people say it: `1.25 Mbit/s`. */
export const rateText = (bitsPerSecond: number): string => `${(bitsPerSecond / 1e6).toFixed(2)}\u00a0Mbit/s`;
