import { DAY_MS } from "./bucket.ts";

/** A zone's name as `Intl` writes it; null when there is no such zone. */
export const timeZoneOf = (name: string): string | null => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
};

/** Beginnings of the days of a zone, in milliseconds since 1970. */
export type Midnights = {
  /** Number of the day (since 1970-01-01 in the zone) that a time is in. */
  readonly dayOf: (at: number) => number;
  /** When that day begins. */
  readonly beginOf: (day: number) => number;
};

/** Midnights of an IANA zone; throws `RangeError` when there is no such zone. */
export const midnightsOf = (timeZone: string): Midnights => {
  const format = new Intl.DateTimeFormat("en", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  /** What clocks in the zone show, as if it were UTC. */
  const local = (at: number): number => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  const offsetAt = (at: number): number => local(at) - Math.floor(at / 1000) * 1000;

  return {
    dayOf: (at) => Math.floor(local(at) / DAY_MS),
    beginOf: (day) => {
      const midnight = day * DAY_MS;
      // The offset at a first guess may be that of before a change of clocks; the one at the second is right.
      const guess = midnight - offsetAt(midnight);
      return midnight - offsetAt(guess);
    },
  };
};
