import type { NatMix } from "./nat.ts";
import type { Joins, Scenario } from "./scenario.ts";

/** The command line cannot be understood; the message says what to do. */
export class UsageError extends Error {}

/** Bounds of one rendition's bitrate, in Mbit/s, and most renditions. */
const LEAST_MBIT = 0.05;
const MOST_MBIT = 100;
const MOST_RENDITIONS = 8;

/** All of these throw a `UsageError`. */
export function readJoins(text: string): Joins {
  const [, kind, seconds] = /^(flash|every|poisson):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const ms = Number(seconds) * 1000;
  if (kind === "flash") return { kind, withinMs: ms };
  if (kind === "every") return { kind, everyMs: ms };
  if (kind === "poisson") return { kind, meanMs: ms };
  throw new UsageError(`--joins must be like flash:10, every:2 or poisson:5 (seconds), not "${text}"`);
}

/** `60-80`, or `60` for a span without an end. */
export function readSpan(name: "outage" | "tracker-down", text: string): { fromMs: number; toMs: number } {
  const [, from, to] = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  const span = { fromMs: Number(from) * 1000, toMs: to === undefined ? Number.POSITIVE_INFINITY : Number(to) * 1000 };
  if (span.fromMs < span.toMs) return span;
  throw new UsageError(`--${name} must be like 60-80 or 60 (seconds), not "${text}"`);
}

/** One bitrate in Mbit/s, or several. */
export function readBitrates(text: string): number[] {
  const bitrates = text.split(",").map((one) => (one.trim() === "" ? Number.NaN : Number(one)));
  if (bitrates.length <= MOST_RENDITIONS && bitrates.every((one) => one >= LEAST_MBIT && one <= MOST_MBIT)) {
    return bitrates.map((one) => one * 1e6).sort((a, b) => a - b);
  }
  throw new UsageError(
    `--bitrate must be up to ${MOST_RENDITIONS} numbers from ${LEAST_MBIT} to ${MOST_MBIT} like 0.4,0.8,1.3, not "${text}"`,
  );
}

/** Percent of viewers behind open, mapping and symmetric routers. */
export function readNat(text: string): NatMix {
  const [, open, mapped, symmetric] = /^(\d+),(\d+),(\d+)$/.exec(text) ?? [];
  const mix = { open: Number(open) / 100, mapped: Number(mapped) / 100, symmetric: Number(symmetric) / 100 };
  if (Number(open) + Number(mapped) + Number(symmetric) === 100) return mix;
  throw new UsageError(`--nat must be three whole numbers that add up to 100, like 55,30,15, not "${text}"`);
}

/** `60:off`, or several with commas, in the order of their times. */
export function readPolicies(text: string): Scenario["policies"] {
  const policies = text.split(",").map((one): Scenario["policies"][number] => {
    const [, seconds, mode] = /^(\d+(?:\.\d+)?):(share|receive|off)$/.exec(one.trim()) ?? [];
    if (mode === "share" || mode === "receive" || mode === "off") return { atMs: Number(seconds) * 1000, mode };
    throw new UsageError(`--policy must be like 60:off or 60:off,120:share (seconds), not "${text}"`);
  });
  return policies.sort((a, b) => a.atMs - b.atMs);
}
