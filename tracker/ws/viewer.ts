import type { Policy, SessionId, StreamId, SwarmId } from "../protocol/index.ts";
import type { Bucket, Giving, Introductions, Links, Member } from "../swarm/index.ts";

/** What the tracker knows of a viewer that joined. Lives as long as its socket. */
export type Viewer = {
  readonly swarm: SwarmId;
  readonly stream: StreamId;
  readonly session: SessionId;
  /** Its entry in the swarm, or the one it would have. */
  member: Member;
  /** What others would get from the viewer, whatever the operator says. */
  wish: Giving;
  /** Who watches, the same at each visit where the player keeps it: decides whether the viewer is held out. */
  readonly person: string;
  /** What reports know the viewer by; undefined when it keeps no name. */
  readonly mark: string | undefined;
  /** What the viewer was told last. */
  policy: Policy;
  readonly introductions: Introductions;
  /** Has it the identity of an earlier socket, whose introductions this process has forgotten or never knew. */
  readonly resumed: boolean;
  /** Links that the viewer was given, as far as is known here. */
  readonly links: Links;
  /** Introductions to strangers that the viewer may still ask for. */
  readonly budget: Bucket;
  /** When the viewer last got ICE servers, on the tracker's steady clock in milliseconds. */
  iceAt: number;
  /** The swarm's size that the viewer heard last. */
  toldSize: number;
};
