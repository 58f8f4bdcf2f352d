import * as v from "valibot";
import { SessionIdSchema, StreamIdSchema } from "../../tracker/protocol/index.ts";

/** Why a byte was bought from the CDN. Each CDN byte carries exactly one. */
export const CDN_REASONS = ["start", "duty", "noPeer", "tooLate", "failedCheck", "policy", "p2pOff"] as const;
export type CdnReason = (typeof CDN_REASONS)[number];

/** Where bytes came from. `peer` counts direct links only: what a TURN server relayed costs money and is `relay`. */
export const SOURCES = ["cdn", "peer", "relay"] as const;
export type Source = (typeof SOURCES)[number];

/** Caps on one sample: a delta of a few seconds of one viewer. */
export const SAMPLE_LIMITS = {
  /** Bytes of one kind in one sample: five minutes of 1 Gbit/s. */
  bytes: 37_500_000_000,
  spanMs: 300_000,
  seq: 10_000_000,
  stalls: 10_000,
  startupMs: 600_000,
  peers: 256,
} as const;

const int = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));
const bytes = int(SAMPLE_LIMITS.bytes);

/** What one session did since its sample before. Every field is a delta, so that samples add up. */
export const SampleSchema = v.strictObject({
  session: SessionIdSchema,
  /** 0, 1, 2 … within the session. The same number twice is the same sample and counts once. */
  seq: int(SAMPLE_LIMITS.seq),
  stream: StreamIdSchema,
  /** The viewer's clock at the end of the span, in milliseconds since 1970. Checked against the tracker's. */
  at: int(Number.MAX_SAFE_INTEGER),
  /** Time that this sample covers, in milliseconds. */
  spanMs: int(SAMPLE_LIMITS.spanMs),
  /** Bytes that arrived, by source; `cdn` includes what was then thrown away. */
  bytes: v.strictObject({ cdn: bytes, peer: bytes, relay: bytes }),
  /** `bytes.cdn` again, by reason. */
  cdnReasons: v.strictObject({
    start: bytes,
    duty: bytes,
    noPeer: bytes,
    tooLate: bytes,
    failedCheck: bytes,
    policy: bytes,
    p2pOff: bytes,
  }),
  /** Bytes handed to the player, once each. */
  played: bytes,
  /** Bytes sent to other viewers. */
  uploaded: bytes,
  /** Bytes that arrived and were of no use: twice, too late, or failing their check. */
  wasted: bytes,
  stalls: int(SAMPLE_LIMITS.stalls),
  stallMs: int(SAMPLE_LIMITS.spanMs),
  watchMs: int(SAMPLE_LIMITS.spanMs),
  /** In the sample in which the first frame was shown: time from attach to that frame, in milliseconds. */
  startupMs: v.optional(int(SAMPLE_LIMITS.startupMs)),
  /** Neighbours connected at the end of the span. */
  peers: int(SAMPLE_LIMITS.peers),
});
export type Sample = v.InferOutput<typeof SampleSchema>;
