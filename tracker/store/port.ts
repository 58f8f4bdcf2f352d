import type { Brand } from "valibot";
import {
  type Nearness,
  NODE_ID_LENGTH,
  type PeerId,
  type SegmentDigests,
  type SegmentId,
  type SwarmId,
} from "../protocol/index.ts";
import type { DigestClaim, Giving, Member } from "../swarm/index.ts";

/** Names one tracker process: the first four characters of every peer id it gives out. */
export type NodeId = string & Brand<"NodeId">;
/** The process that holds a peer's socket. */
export const nodeOf = (peer: PeerId): NodeId => peer.slice(0, NODE_ID_LENGTH) as NodeId;

/** How long a member stays without a renewal, in milliseconds. A process that dies leaves ghosts for no longer. */
export const LEASE_MS = 45_000;
/** Candidates drawn, about, from each circle around a viewer (same address, prefix, AS, country), and from the whole swarm. */
export const CANDIDATES = { perCircle: 12, anywhere: 24 } as const;

/** Somebody a viewer is introduced to, as trackers speak of it among themselves. */
export type NewNeighbour = { readonly id: PeerId; readonly near: Nearness; readonly giving: Giving };

/** What one viewer's process has to tell another viewer's. Plain data. */
export type Mail =
  | { readonly kind: "introduced"; readonly to: PeerId; readonly neighbour: NewNeighbour }
  | { readonly kind: "signal"; readonly to: PeerId; readonly from: PeerId; readonly payload: string }
  /** A mail of `to` could not be delivered: `peer` has left. */
  | { readonly kind: "gone"; readonly to: PeerId; readonly peer: PeerId };

export type Candidates = {
  /** Members of the swarm, the asking one included. */
  readonly size: number;
  /** Other members, in no order: a random draw from each circle around the asking one, without repeats. */
  readonly candidates: readonly Member[];
};

/** `degraded`: it works, for the viewers of this process alone. `reason`: it does not work. */
export type StoreReadiness = "ready" | { readonly degraded: string } | { readonly reason: string };

/**
 * Where swarms live. Every call may cross a network: arguments and results are plain data, a member stays only as long as its
 * lease is renewed, and any call may reject (the caller goes on without).
 */
export type SwarmStore = {
  /** `shared`: by several processes, across a network. `own`: in this process. */
  readonly kind: "shared" | "own";
  /** Opens the mailbox of a process. `taken` when another live process uses the name: choose a new one. */
  readonly attach: (node: NodeId, deliver: (mail: Mail) => void) => Promise<"attached" | "taken">;
  /** Closes the mailbox. Members stay until they leave or their lease runs out. */
  readonly detach: (node: NodeId) => Promise<void>;
  /** Whether any process's mailbox is open under this name. */
  readonly isAttached: (node: NodeId) => Promise<boolean>;
  /** Adds a member, or replaces the one with the same id, and starts its lease. */
  readonly join: (swarm: SwarmId, member: Member) => Promise<Candidates>;
  /** Removes a member; nothing happens when it is gone already. */
  readonly leave: (swarm: SwarmId, peer: PeerId) => Promise<void>;
  /** Draws again for a member, without touching its lease. */
  readonly candidates: (swarm: SwarmId, self: Member) => Promise<Candidates>;
  readonly size: (swarm: SwarmId) => Promise<number>;
  readonly lookup: (swarm: SwarmId, peer: PeerId) => Promise<Member | undefined>;
  /** Renews leases of one swarm and answers with those that could not be, because the member is gone: join it again. */
  readonly renew: (swarm: SwarmId, peers: readonly PeerId[]) => Promise<readonly PeerId[]>;
  /**
   * Hands mail to the process that holds the addressee. `gone` when that process is; one that lives and no longer has the
   * viewer answers with a mail of kind `gone`. Mail between two processes keeps its order.
   */
  readonly post: (mail: Mail) => Promise<"posted" | "gone">;
  /** Notes a claim that fits (`claimFits`); a swarm without members notes nothing. */
  readonly publish: (swarm: SwarmId, claim: DigestClaim) => Promise<void>;
  /** One verdict for each segment asked for, in the same order. */
  readonly digests: (swarm: SwarmId, segments: readonly SegmentId[]) => Promise<readonly SegmentDigests[]>;
  /** True while verdicts speak for this process's viewers alone, because what others say cannot be had. */
  readonly isAlone: () => boolean;
  readonly ready: () => Promise<StoreReadiness>;
  readonly close: () => Promise<void>;
};
