import * as v from "valibot";
import { LIMITS } from "./limits.ts";

/**
 * A viewer's address inside a swarm: four characters that name the tracker process which holds its socket, then 18 random
 * ones, its identity. Given by the tracker, tied to the connection, never chosen by the viewer.
 */
export const PeerIdSchema = v.pipe(v.string(), v.regex(/^[0-9a-z]{4}[A-Za-z0-9_-]{18}$/), v.brand("PeerId"));
export type PeerId = v.InferOutput<typeof PeerIdSchema>;
/** Length of a peer id in characters; signal frames are cut by it. */
export const PEER_ID_LENGTH = 22;
/** Length of the part that names a tracker process. */
export const NODE_ID_LENGTH = 4;
/** What of a peer id stays the same when a viewer comes back, to whichever process: two ids that share it are one viewer. */
export const identityOf = (peer: PeerId): string => peer.slice(NODE_ID_LENGTH);

/** What the viewers of a stream have in common: the site's own string, or the manifest URL without its query. */
export const StreamIdSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.streamLength), v.brand("StreamId"));
export type StreamId = v.InferOutput<typeof StreamIdSchema>;

/** One page view. Made by the viewer from 128 random bits; names its samples, and nothing else trusts it. */
export const SessionIdSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/), v.brand("SessionId"));
export type SessionId = v.InferOutput<typeof SessionIdSchema>;

/** A segment as the tracker sees it: an opaque printable key that the viewers agree on (see `player/protocol/segment.ts`). */
export const SegmentIdSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(LIMITS.segmentIdLength),
  v.regex(/^[\x21-\x7e]+$/),
  v.brand("SegmentId"),
);
export type SegmentId = v.InferOutput<typeof SegmentIdSchema>;

/** The first 128 bits of the SHA-256 of one block, base64url without padding (22 characters). */
export const DigestSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/), v.brand("Digest"));
export type Digest = v.InferOutput<typeof DigestSchema>;

/** A keyed hash of site and stream: what a swarm is called inside the tracker. Never sent to a viewer. */
export type SwarmId = string & v.Brand<"SwarmId">;
