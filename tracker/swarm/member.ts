import type { PeerId, Upload } from "../protocol/index.ts";

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

/** One viewer in a swarm. Plain data, so that it can live in another process's store. */
export type Member = {
  readonly id: PeerId;
  readonly locality: Locality;
  readonly upload: Upload;
  /** The tracker's clock at `join`, in milliseconds since 1970. */
  readonly joinedAt: number;
};
