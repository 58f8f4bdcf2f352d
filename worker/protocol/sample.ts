import * as v from "valibot";
import { PeerIdSchema, SessionIdSchema, StreamIdSchema } from "../../tracker/protocol/index.ts";

/** Version of the sample. Players that are older send none; see `readSample`. */
export const SAMPLE_VERSION = 2;

/** Why a byte was bought from the CDN. Each CDN byte carries exactly one. */
export const CDN_REASONS = ["start", "duty", "noPeer", "tooLate", "failedCheck", "policy", "p2pOff"] as const;
export type CdnReason = (typeof CDN_REASONS)[number];

/** Where bytes came from. `peer` counts direct links only: what a TURN server relayed costs money and is `relay`. */
export const SOURCES = ["cdn", "peer", "relay"] as const;
export type Source = (typeof SOURCES)[number];

/** `holdout`: this viewer plays without peers, so that there is something to compare the others with. */
export const GROUPS = ["p2p", "holdout"] as const;
export type Group = (typeof GROUPS)[number];

/**
 * How far a viewer has backed off because neighbours disturbed playback: not at all, to fewer neighbours and more time in hand, or out of
 * the mesh for a while.
 */
export const CAUTIONS = ["none", "wary", "off"] as const;
export type Caution = (typeof CAUTIONS)[number];

/** Caps on one sample: a delta of a few seconds of one viewer. */
export const SAMPLE_LIMITS = {
  /** Bytes of one kind in one sample: five minutes of 1 Gbit/s. */
  bytes: 37_500_000_000,
  /** Kilobits played in one sample: the same. */
  kilobits: 300_000_000,
  spanMs: 300_000,
  seq: 10_000_000,
  stalls: 10_000,
  /** Stalls that ended in one sample's span and are told with their length. */
  stallTimes: 16,
  stallTimeMs: 86_400_000,
  startupMs: 600_000,
  errors: 10_000,
  peers: 256,
  /** Neighbours of whom one sample says what came and went. */
  links: 32,
  swarm: 10_000_000,
  playerLength: 32,
  renditionLength: 16,
} as const;

const int = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));
// Browsers need the names above, not the schemas.
const bytes = /* @__PURE__ */ int(SAMPLE_LIMITS.bytes);

/** What every version of the sample has. */
const COMMON = {
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
};

/** What one session did since its sample before. Every quantity is a delta, so that samples add up. */
export const SampleSchema = v.strictObject({
  v: v.literal(SAMPLE_VERSION),
  ...COMMON,
  /** The player's version, such as `1.4.0`. */
  player: v.pipe(v.string(), v.maxLength(SAMPLE_LIMITS.playerLength), v.regex(/^[\w.+-]+$/)),
  group: v.picklist(GROUPS),
  /** The viewer's own id in the swarm, as its neighbours name it in `links`; left out before the tracker gave one. */
  peer: v.optional(PeerIdSchema),
  /** `bytes.peer` again, by how near the neighbour was. */
  peerBytes: v.strictObject({ lan: bytes, network: bytes, as: bytes, country: bytes, far: bytes }),
  /** Bytes of the mesh's own protocol, sent and received: all that was no part of a block. */
  overhead: bytes,
  /** Bytes that the viewer was allowed to send in the span: its upload cap over time, 0 for one that only receives. */
  uplink: bytes,
  /** Viewers in the swarm, this one included, as the tracker last said; 0 when it never did. */
  swarm: int(SAMPLE_LIMITS.swarm),
  /** Length of each stall that ended in the span, in milliseconds. */
  stallTimes: v.pipe(v.array(int(SAMPLE_LIMITS.stallTimeMs)), v.maxLength(SAMPLE_LIMITS.stallTimes)),
  /** The rendition that played at the end of the span: its height (`720p`), its bitrate (`1500k`) or `unknown`. */
  rendition: v.pipe(v.string(), v.maxLength(SAMPLE_LIMITS.renditionLength), v.regex(/^[a-z0-9]+$/)),
  /** Its bitrate times `watchMs`, in kilobits; 0 when the bitrate is unknown. */
  kilobits: int(SAMPLE_LIMITS.kilobits),
  /** How far the viewer had backed off at the end of the span; left out for `none`. */
  caution: v.optional(v.picklist(CAUTIONS)),
  /** Errors after which hls.js does not go on by itself. */
  errors: int(SAMPLE_LIMITS.errors),
  /** Bytes of blocks that came from, and went to, each neighbour that had any in the span. */
  links: v.pipe(
    v.array(v.strictObject({ peer: PeerIdSchema, received: bytes, sent: bytes })),
    v.maxLength(SAMPLE_LIMITS.links),
  ),
});
export type Sample = v.InferOutput<typeof SampleSchema>;

/** Version 1: what it does not tell is unknown, and its peers count as far. */
const OldSampleSchema = v.pipe(
  v.strictObject(COMMON),
  v.transform(
    (old): Sample => ({
      ...old,
      v: SAMPLE_VERSION,
      player: "unknown",
      group: "p2p",
      peerBytes: { lan: 0, network: 0, as: 0, country: 0, far: old.bytes.peer },
      overhead: 0,
      uplink: 0,
      swarm: 0,
      stallTimes: [],
      rendition: "unknown",
      kilobits: 0,
      errors: 0,
      links: [],
    }),
  ),
);

/** A sample of any version that is still taken: pages that were opened before an update send version 1, which has no `v`. */
export const SampleInputSchema = v.lazy((input) =>
  typeof input === "object" && input !== null && !("v" in input) ? OldSampleSchema : SampleSchema,
);
