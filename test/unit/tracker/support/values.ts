import { createHash } from "node:crypto";
import * as v from "valibot";
import {
  type Digest,
  DigestSchema,
  type PeerId,
  PeerIdSchema,
  type SegmentId,
  SegmentIdSchema,
  type SessionId,
  SessionIdSchema,
  type StreamId,
  StreamIdSchema,
  type SwarmId,
} from "../../../../tracker/protocol/index.ts";
import type { Member } from "../../../../tracker/swarm/index.ts";
import type { ReceivedSample, Sample } from "../../../../worker/protocol/index.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("base64url");

/** The same name gives the same value, another name another one. */
export const peerId = (name: string, node = "n0de"): PeerId => v.parse(PeerIdSchema, node + hash(name).slice(0, 18));
export const digest = (name: string): Digest => v.parse(DigestSchema, hash(name).slice(0, 22));
export const sessionId = (name: string): SessionId => v.parse(SessionIdSchema, hash(name).slice(0, 22));
export const segmentId = (name: string): SegmentId => v.parse(SegmentIdSchema, name);
export const streamId = (name: string): StreamId => v.parse(StreamIdSchema, name);
export const swarmId = (name: string): SwarmId => name as SwarmId;

export function member(name: string, fields: Partial<Omit<Member, "id">> = {}, node?: string): Member {
  return { id: peerId(name, node), locality: { address: name, prefix: name }, giving: "share", joinedAt: 0, ...fields };
}

export function sample(fields: Partial<Sample> = {}): Sample {
  return {
    v: 2,
    player: "1.0.0",
    group: "p2p",
    peerBytes: { lan: 500, network: 0, as: 0, country: 0, far: 0 },
    overhead: 0,
    uplink: 0,
    swarm: 2,
    stallTimes: [],
    rendition: "720p",
    kilobits: 7500,
    errors: 0,
    links: [],
    session: sessionId("session"),
    seq: 0,
    stream: streamId("stream"),
    at: Date.now(),
    spanMs: 5000,
    bytes: { cdn: 1000, peer: 500, relay: 0 },
    cdnReasons: { start: 1000, duty: 0, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 },
    played: 1500,
    uploaded: 0,
    wasted: 0,
    stalls: 0,
    stallMs: 0,
    watchMs: 5000,
    peers: 1,
    ...fields,
  };
}

/** What a tracker that knows no place adds to a sample that no browser brought. */
export const NOWHERE: Omit<ReceivedSample, "site" | "receivedAt" | "sample"> = {
  country: "ZZ",
  network: "unknown",
  device: "other",
  browser: "other",
};
