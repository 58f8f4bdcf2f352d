import type { PeerId, Reach, Upload } from "../protocol/index.ts";

/**
 * Where a viewer is, as keys that only mean something when two are equal. The tracker makes them from keyed hashes, so that
 * a store of members holds nobody's address.
 */
export type Locality = {
  /** The group that the operator has put the viewer's subnet in. */
  readonly group?: string;
  /** Public address: one IPv4 address, or one IPv6 /64. */
  readonly address: string;
  /** Network around it: an IPv4 /24, or an IPv6 /48. */
  readonly prefix: string;
  /** Number of the autonomous system, when the operator's database knows it. */
  readonly as?: number;
  /** ISO 3166-1 alpha-2 country, when the operator's database knows it. */
  readonly country?: string;
};

/**
 * What others get from a viewer. `relayed`: as much as from one that shares, but through a TURN server alone, which costs the
 * operator, whichever way it flows.
 */
export const GIVING = ["share", "relayed", "receive"] as const;
export type Giving = (typeof GIVING)[number];

export function givingOf(upload: Upload, reach: Reach | undefined): Giving {
  return upload === "share" && reach === "relayed" ? "relayed" : upload;
}

/** The same in the words of the protocol. */
export const uploadOf = (giving: Giving): Upload => (giving === "receive" ? "receive" : "share");

/** One viewer in a swarm. Plain data, so that it can live in another process's store. */
export type Member = {
  readonly id: PeerId;
  readonly locality: Locality;
  readonly giving: Giving;
  /** The tracker's clock at `join`, in milliseconds since 1970. */
  readonly joinedAt: number;
};
