import { NEARNESS } from "../../tracker/protocol/index.ts";
import { CDN_REASONS, SAMPLE_LIMITS, type Sample } from "../protocol/index.ts";

/** Caps on what one sample may claim beyond its schema. */
export const CLAIM_LIMITS = {
  /** Bits per second of one viewer, each of received, played, uploaded and wasted bytes: 1 Gbit/s. */
  rate: 1_000_000_000,
  /** A span shorter than this counts as this long for the rate, in milliseconds: data comes in bursts. */
  shortestSpanMs: 1_000,
  /** How much longer than its span a sample may have watched or stalled, in milliseconds: timers are coarse. */
  slackMs: 1_000,
} as const;

/** Counts that are fractions in a player are cut to integers one by one: sums of them may differ by a byte a neighbour. */
const ROUNDING = SAMPLE_LIMITS.links;

/**
 * Why a sample was not counted:
 * - `malformed`: it does not fit `ReceivedSampleSchema`;
 * - `cdnReasons`: the bytes by reason do not add up to `bytes.cdn`;
 * - `peerBytes`: the bytes by nearness do not add up to `bytes.peer`;
 * - `links`: one neighbour named twice, or itself, or neighbours gave or got more than the sample received or sent;
 * - `watchTime`, `stallTime`: more time watched or stalled than the span had;
 * - `rate`: more bytes than `CLAIM_LIMITS.rate` could move within the span;
 * - `tooOld`: received so long ago that it cannot be told whether it was counted before.
 */
export const REFUSALS = [
  "malformed",
  "cdnReasons",
  "peerBytes",
  "links",
  "watchTime",
  "stallTime",
  "rate",
  "tooOld",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What is implausible about a well-formed sample; null when nothing is. */
export const checkSample = (sample: Sample): Exclude<Refusal, "malformed" | "tooOld"> | null => {
  const { bytes, cdnReasons, spanMs } = sample;
  const reasoned = CDN_REASONS.reduce((sum, reason) => sum + cdnReasons[reason], 0);
  if (reasoned !== bytes.cdn) return "cdnReasons";
  if (NEARNESS.reduce((sum, near) => sum + sample.peerBytes[near], 0) !== bytes.peer) return "peerBytes";
  if (!linksAddUp(sample)) return "links";
  if (sample.watchMs > spanMs + CLAIM_LIMITS.slackMs) return "watchTime";
  if (sample.stallMs > spanMs + CLAIM_LIMITS.slackMs) return "stallTime";

  const received = bytes.cdn + bytes.peer + bytes.relay;
  const most = Math.max(
    received,
    sample.played,
    sample.uploaded,
    sample.wasted,
    sample.overhead,
    sample.kilobits * 125,
  );
  const seconds = Math.max(spanMs, CLAIM_LIMITS.shortestSpanMs) / 1000;
  if (most * 8 > CLAIM_LIMITS.rate * seconds) return "rate";
  return null;
};

const linksAddUp = ({ links, peer, bytes, uploaded }: Sample): boolean => {
  const received = links.reduce((sum, link) => sum + link.received, 0);
  const sent = links.reduce((sum, link) => sum + link.sent, 0);
  const named = new Set(links.map((link) => link.peer));
  if (named.size < links.length || (peer !== undefined && named.has(peer))) return false;
  return received <= bytes.peer + bytes.relay + ROUNDING && sent <= uploaded + ROUNDING;
};
