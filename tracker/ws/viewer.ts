import type { SessionId, StreamId, SwarmId } from "../protocol/index.ts";
import type { Bucket, Introductions, Member } from "../swarm/index.ts";

/** What the tracker knows of a viewer that joined. Lives as long as its socket. */
export type Viewer = {
  readonly swarm: SwarmId;
  readonly stream: StreamId;
  readonly session: SessionId;
  readonly member: Member;
  readonly introductions: Introductions;
  /** Introductions to strangers that the viewer may still ask for. */
  readonly budget: Bucket;
  /** When the viewer last got ICE servers, in milliseconds since 1970. */
  iceAt: number;
  /** The swarm's size that the viewer heard last. */
  toldSize: number;
};
