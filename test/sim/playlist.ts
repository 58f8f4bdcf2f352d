import type { Scenario } from "./scenario.ts";

/** What a media playlist lists at some moment: first and last media sequence number. */
export type Listing = { readonly first: number; readonly last: number };

/**
 * The playlist at a time. A live stream has been running for a full window when the run begins, and a segment is listed as
 * soon as it is whole. A VOD is as long as the run and a half minute more.
 */
export function listing(scenario: Scenario, now: number): Listing {
  const { mode, segmentMs, window } = scenario;
  if (mode === "vod") return { first: 0, last: Math.ceil((scenario.minutes * 60_000 + 30_000) / segmentMs) - 1 };
  const last = window - 1 + Math.floor(now / segmentMs);
  return { first: last - window + 1, last };
}
