/** Caps on everything that a neighbour may send. Enforced by the codec, so nothing larger reaches the engine. */
export const PEER_LIMITS = {
  /** Bytes in a block: the unit of request, of integrity and of relaying. Only a segment's last block is shorter. */
  blockBytes: 64 * 1024,
  /** Largest frame on the data channel, in bytes: one block and its head, or a large have-map. */
  frameBytes: 64 * 1024 + 512,
  /** Largest segment, in bytes, and so the most blocks. */
  segmentBytes: 64 * 1024 * 1024,
  blocksPerSegment: 1024,
  /** Characters in a rendition id (printable ASCII). */
  renditionLength: 64,
  /** Segments in one have-map. */
  mapEntries: 512,
  /** Blocks in one request. */
  blocksPerRequest: 64,
  /** Largest media sequence number: what a JavaScript number holds exactly. */
  msn: Number.MAX_SAFE_INTEGER,
  /** Largest uplink that a viewer may claim, in steps of which two double it, from a byte per millisecond on: 1 Gbit/s. */
  uplink: 34,
  /** Partial segments (LL-HLS) of one segment. */
  part: 1023,
  /** Longest time that a viewer may claim to have watched, in milliseconds: 45 days. */
  ageMs: 2 ** 32 - 1,
  /** Request ids are 32-bit and belong to one direction of one link. */
  requestId: 0xffff_ffff,
} as const;
