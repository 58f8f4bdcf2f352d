import type { Line } from "./profiles.ts";
import type { Timeline } from "./queue.ts";
import { exponential, type Random } from "./random.ts";
import type { Scenario } from "./scenario.ts";

/** Share of its throughput that a player trusts a rendition to need no more than: hls.js' `abrBandWidthUpFactor`. */
const TRUSTED = 0.7;
/** What others in the house leave of a line at least. */
const LEAST_LEFT = 0.1;

/**
 * The line as others in the house leave it to this viewer: a share that is often small. A stream with one rendition keeps the
 * whole line, since there its viewers can do nothing about it.
 */
export function sharedLine(line: Line, scenario: Pick<Scenario, "bitrates">, random: Random): Line {
  if (scenario.bitrates.length === 1) return line;
  return { ...line, down: line.down * (LEAST_LEFT + (1 - LEAST_LEFT) * random() ** 2) };
}

/** The best rendition that a line carries with some to spare, as a level: 0 is the lowest. */
export function startLevel(line: Line, bitrates: readonly number[]): number {
  let level = 0;
  for (const [i, bitrate] of bitrates.entries()) if (bitrate <= TRUSTED * line.down) level = i;
  return level;
}

/**
 * Goes one level up or down now and then, as viewers do whose throughput changes, but up to nothing that hls.js would not trust
 * the line with.
 * `level` tells where playback is now.
 */
export function wander(
  time: Timeline,
  scenario: Pick<Scenario, "bitrates" | "switchesPerMinute">,
  of: {
    readonly random: Random;
    readonly line: Line;
    readonly level: () => number;
    readonly isHere: () => boolean;
    readonly go: (to: number) => void;
  },
): void {
  const { bitrates, switchesPerMinute } = scenario;
  if (bitrates.length === 1 || switchesPerMinute <= 0) return;
  const next = (): void => {
    if (!of.isHere()) return;
    const now = of.level();
    const reachable = [now - 1, now + 1].filter(
      (level) => (bitrates[level] ?? Number.POSITIVE_INFINITY) <= TRUSTED * of.line.down,
    );
    const to = reachable[Math.floor(of.random() * reachable.length)];
    if (to !== undefined) of.go(to);
    later();
  };
  const later = (): void => time.after(exponential(of.random, 60_000 / switchesPerMinute), next);
  later();
}
