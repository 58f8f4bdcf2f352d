/**
 * Caps on everything that crosses the signalling socket. Each is enforced where the bytes come in; the schemas in
 * `messages.ts` refer to these names.
 */
export const LIMITS = {
  /** Largest WebSocket message either side accepts, in bytes. An SDP offer is 1-4 KB, a batch of samples below 16 KB. */
  messageBytes: 64 * 1024,
  /** Largest signal payload (one offer, answer or candidate), in UTF-16 units. */
  signalLength: 16 * 1024,
  /** Stream ids are a site's own string or a manifest URL without its query. */
  streamLength: 512,
  tokenLength: 4096,
  versionLength: 32,
  /** What shows that a viewer was here before. */
  resumeLength: 128,
  /** Neighbours handed out in one answer. */
  neighbours: 16,
  /** ICE servers in one `welcome`, and URLs in each. */
  iceServers: 8,
  iceUrlLength: 512,
  /** Segment ids named in one `ask`. */
  askedSegments: 16,
  segmentIdLength: 128,
  /** Blocks of one segment: 64 MiB at 64 KiB a block. */
  blocksPerSegment: 1024,
  segmentBytes: 64 * 1024 * 1024,
  /** Samples in one `report`. */
  samplesPerReport: 16,
  /** How long a socket may stay open without a `join`, in milliseconds. */
  joinMs: 10_000,
  /** Viewers in one swarm that a `size` may claim. */
  swarmSize: 10_000_000,
} as const;
