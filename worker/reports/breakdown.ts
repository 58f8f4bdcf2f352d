import type { BreakdownDimension, BreakdownRow, SessionRow } from "../protocol/index.ts";
import { GROUPS } from "../protocol/index.ts";
import { BUCKET_MS, type Resolution } from "./bucket.ts";
import { type Cell, count, merge } from "./cell.ts";
import { OTHER } from "./dimensions.ts";
import { figuresOf } from "./figures.ts";
import { accountsOf } from "./summary.ts";

/** A cell with its place in time. */
type Placed = { readonly resolution: Resolution; readonly bucket: number; readonly cell: Cell };

const PRESENT = { minute: "inMinute", hour: "inHour", day: "inDay" } as const satisfies Record<Resolution, string>;

/** Sessions that were there at any time: those of the first bucket, and those that began after it. Cells in the order of time. */
export const sessionsIn = (cells: readonly Placed[]): number => {
  const [first, ...later] = [...cells].sort((a, b) => startOf(a) - startOf(b));
  if (first === undefined) return 0;
  return later.reduce((sum, { cell }) => sum + count(cell, "began"), count(first.cell, PRESENT[first.resolution]));
};

const startOf = ({ resolution, bucket }: Placed): number => bucket * BUCKET_MS[resolution];

/** One row of a breakdown. */
export const rowOf = (by: BreakdownDimension, value: string, cells: readonly Placed[]): BreakdownRow => {
  const total = merge(cells.map(({ cell }) => cell));
  return {
    value,
    sessions: sessionsIn(cells),
    peak: total.peak,
    ...figuresOf(total),
    accounts: by === "stream" || by === "site" ? accountsOf(total) : null,
  };
};

/** The most played first; among equals by name. */
export const sortRows = (rows: readonly BreakdownRow[]): readonly BreakdownRow[] =>
  [...rows].sort((a, b) => b.bytes.played - a.bytes.played || (a.value < b.value ? -1 : 1));

/** One session from its cells; null for those that no longer had a place of their own. */
export const sessionOf = (value: string, cells: readonly Placed[]): SessionRow | null => {
  const [session, group, country, network, device, browser, player] = value.split(" ");
  const known = GROUPS.find((one) => one === group);
  if (value === OTHER || known === undefined || session === undefined || player === undefined) return null;
  const total = merge(cells.map(({ cell }) => cell));
  const beganAt = count(total, "beganAt");
  const ratedMs = count(total, "ratedMs");
  return {
    session,
    group: known,
    country: country ?? "",
    network: network ?? "",
    device: device ?? "",
    browser: browser ?? "",
    player,
    beganAt: beganAt === 0 ? null : new Date(beganAt).toISOString(),
    lastedMs: count(total, "spanMs"),
    cdn: count(total, "cdn"),
    peer: count(total, "peer"),
    relay: count(total, "relay"),
    uploaded: count(total, "uploaded"),
    played: count(total, "played"),
    startupMs: count(total, "startups") === 0 ? null : count(total, "startupMs"),
    stalls: count(total, "stalls"),
    stallMs: count(total, "stallMs"),
    watchMs: count(total, "watchMs"),
    bitsPerSecond: ratedMs === 0 ? null : Math.round((count(total, "kilobits") * 1e6) / ratedMs),
    errors: count(total, "errors"),
  };
};
