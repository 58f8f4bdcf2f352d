import * as v from "valibot";
import { DigestSchema, PeerIdSchema, SegmentIdSchema, SessionIdSchema, StreamIdSchema } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/** Version of the signalling protocol; a tracker that cannot speak it closes with `unsupported-version`. */
export const SIGNALLING_VERSION = 1;

/** Does this viewer give to others, or only take. */
const UploadSchema = v.picklist(["share", "receive"]);
export type Upload = v.InferOutput<typeof UploadSchema>;

/** How a viewer's links run. `relayed`: each through a TURN server, since its network lets nothing else through. */
const ReachSchema = v.picklist(["direct", "relayed"]);
export type Reach = v.InferOutput<typeof ReachSchema>;

/** How near a neighbour is, nearest first: same public address, same /24 or /48, same network operator, same country, any. */
export const NEARNESS = ["lan", "network", "as", "country", "far"] as const;
const NearnessSchema = v.picklist(NEARNESS);
export type Nearness = v.InferOutput<typeof NearnessSchema>;

const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));

// ---- viewer -> tracker ----------------------------------------------------------------------------------------------

/** 128 random bits that a viewer keeps for all its visits to a site, base64url: it is held out, or not, at each, and counts once. */
export const ViewerNameSchema = v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/)));

/** First message on a socket. Anything else before it closes the socket. */
export const JoinSchema = v.strictObject({
  t: v.literal("join"),
  v: count(255),
  stream: StreamIdSchema,
  session: SessionIdSchema,
  upload: UploadSchema,
  /** As far as the viewer has found out. */
  reach: v.optional(ReachSchema),
  /** The player's version, for reports. */
  player: v.pipe(v.string(), v.maxLength(LIMITS.versionLength)),
  viewer: ViewerNameSchema,
  token: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.tokenLength))),
  /** What the last `welcome` said, when the viewer was connected before. */
  resume: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.resumeLength))),
  /** Neighbours connected now. */
  have: v.optional(count(LIMITS.neighbours * 4)),
});

/** The viewer gives or takes in another way than it said before. */
export const StandingSchema = v.strictObject({
  t: v.literal("standing"),
  upload: UploadSchema,
  reach: v.optional(ReachSchema),
});

/** Asks for neighbours to call, and says why. */
export const MoreSchema = v.strictObject({
  t: v.literal("more"),
  reason: v.picklist(["alone", "lost", "slow"]),
  /** Neighbours connected now. */
  have: count(LIMITS.neighbours * 4),
});

/** A viewer that got blocks from the CDN vouches for their digests. */
export const PublishSchema = v.strictObject({
  t: v.literal("publish"),
  segment: SegmentIdSchema,
  /** Size of the whole segment in bytes. */
  bytes: v.pipe(count(LIMITS.segmentBytes), v.minValue(1)),
  /** Index of the first block that `digests` speaks of. */
  from: count(LIMITS.blocksPerSegment),
  digests: v.pipe(v.array(DigestSchema), v.minLength(1), v.maxLength(LIMITS.blocksPerSegment)),
});

/** Asks for the digests of segments that neighbours offer. */
export const AskSchema = v.strictObject({
  t: v.literal("ask"),
  segments: v.pipe(v.array(SegmentIdSchema), v.minLength(1), v.maxLength(LIMITS.askedSegments)),
});

/** Numbered samples; each is checked on its own by the schema in `worker/protocol`, so one bad sample loses no other. */
export const ReportSchema = v.strictObject({
  t: v.literal("report"),
  samples: v.pipe(v.array(v.unknown()), v.minLength(1), v.maxLength(LIMITS.samplesPerReport)),
});

export const ViewerMessageSchema = v.variant("t", [
  JoinSchema,
  StandingSchema,
  MoreSchema,
  PublishSchema,
  AskSchema,
  ReportSchema,
]);
export type ViewerMessage = v.InferOutput<typeof ViewerMessageSchema>;
export type Join = v.InferOutput<typeof JoinSchema>;

// ---- tracker -> viewer ----------------------------------------------------------------------------------------------

const NeighbourSchema = v.object({ id: PeerIdSchema, near: NearnessSchema, upload: UploadSchema });
export type Neighbour = v.InferOutput<typeof NeighbourSchema>;

const NeighboursSchema = v.pipe(v.array(NeighbourSchema), v.maxLength(LIMITS.neighbours));

const IceServerSchema = v.object({
  urls: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(LIMITS.iceUrlLength))),
    v.minLength(1),
    v.maxLength(LIMITS.iceServers),
  ),
  username: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.iceUrlLength))),
  credential: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.iceUrlLength))),
});
export type IceServer = v.InferOutput<typeof IceServerSchema>;
const IceServersSchema = v.pipe(v.array(IceServerSchema), v.maxLength(LIMITS.iceServers));

/** What the operator allows. `off` leaves every viewer on the CDN. */
const PolicySchema = v.object({
  mode: v.picklist(["share", "receive", "off"]),
  /** `holdout`: stays on the CDN so that its quality can be compared; samples carry it. */
  group: v.picklist(["p2p", "holdout"]),
  /** Upper bound on a viewer's upload, in bits per second. */
  uploadBitsPerSecond: v.pipe(v.number(), v.minValue(0)),
  /** Time between two samples of one session, in milliseconds. */
  sampleMs: v.pipe(v.number(), v.minValue(500), v.maxValue(300_000)),
});
export type Policy = v.InferOutput<typeof PolicySchema>;

/** What the tracker's side knows of one segment. `conflict`: viewers disagree, so nobody may use a peer's copy. */
const SegmentDigestsSchema = v.variant("verdict", [
  v.object({
    verdict: v.literal("agreed"),
    segment: SegmentIdSchema,
    bytes: v.pipe(count(LIMITS.segmentBytes), v.minValue(1)),
    /** One per block in order, null where nobody vouched yet. */
    digests: v.pipe(v.array(v.nullable(DigestSchema)), v.maxLength(LIMITS.blocksPerSegment)),
  }),
  v.object({ verdict: v.literal("conflict"), segment: SegmentIdSchema }),
  v.object({ verdict: v.literal("unknown"), segment: SegmentIdSchema }),
]);
export type SegmentDigests = v.InferOutput<typeof SegmentDigestsSchema>;

/** Why the tracker refused something; stable, and listed with their meaning in this folder's README. */
export const ERROR_CODES = [
  "malformed",
  "unsupported-version",
  "not-joined",
  "already-joined",
  "not-introduced",
  "peer-gone",
  "refused-sample",
  "rate-limited",
  "full",
  "unauthorised",
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const TrackerMessageSchema = v.variant("t", [
  v.object({
    t: v.literal("welcome"),
    v: v.literal(SIGNALLING_VERSION),
    id: PeerIdSchema,
    /** To be shown when joining again, so that neighbours know the viewer by the same identity. */
    resume: v.optional(v.pipe(v.string(), v.maxLength(LIMITS.resumeLength))),
    /** Viewers in the swarm, this one included. */
    size: count(LIMITS.swarmSize),
    /** Whom to call, nearest first. The newcomer calls. */
    neighbours: NeighboursSchema,
    iceServers: IceServersSchema,
    policy: PolicySchema,
  }),
  /** Answer to `more`. */
  v.object({ t: v.literal("neighbours"), size: count(LIMITS.swarmSize), neighbours: NeighboursSchema }),
  /** Somebody else was told to call this viewer: an offer from `neighbour` will follow. */
  v.object({ t: v.literal("introduced"), neighbour: NeighbourSchema }),
  v.object({ t: v.literal("swarm"), size: count(LIMITS.swarmSize) }),
  v.object({ t: v.literal("policy"), policy: PolicySchema }),
  /** ICE servers for links made from now on. */
  v.object({ t: v.literal("ice"), iceServers: IceServersSchema }),
  v.object({
    t: v.literal("digests"),
    segments: v.pipe(v.array(SegmentDigestsSchema), v.maxLength(LIMITS.askedSegments)),
    /** The verdicts speak for this tracker's viewers only: the operator's others cannot be asked now. */
    alone: v.optional(v.literal(true)),
  }),
  /** These sample numbers of this session need not be sent again. */
  v.object({
    t: v.literal("reported"),
    seqs: v.pipe(v.array(count(Number.MAX_SAFE_INTEGER)), v.maxLength(LIMITS.samplesPerReport)),
  }),
  v.object({
    t: v.literal("error"),
    code: v.picklist(ERROR_CODES),
    message: v.pipe(v.string(), v.maxLength(500)),
    /** The neighbour that the refused signal was for. */
    peer: v.optional(PeerIdSchema),
  }),
]);
export type TrackerMessage = v.InferOutput<typeof TrackerMessageSchema>;
export type Welcome = Extract<TrackerMessage, { t: "welcome" }>;
