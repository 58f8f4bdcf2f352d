import { hash } from "node:crypto";
import { compact } from "../compact.ts";
import type { StreamId, SwarmId } from "../protocol/index.ts";
import { addressKeys, type Locality } from "../swarm/index.ts";

/** Where an address is, as far as the operator's database knows. */
export type Place = { readonly as?: number; readonly country?: string };

/** 128 bits in base64url. */
const HASH_LENGTH = 22;

/**
 * 128 bits that nobody can guess or invert without the secret. SHA-512/256 keeps half of its state to itself, so that the secret
 * may simply stand in front (no length extension, as with SHA-256), at a third of the price of an HMAC.
 */
export function keyedHash(secret: string, ...parts: readonly string[]): string {
  return compact(hash("sha512-256", JSON.stringify([secret, ...parts]), "base64url"), HASH_LENGTH);
}

/** What the swarm of a stream is called inside the tracker. */
export const swarmIdOf = (secret: string, site: string, stream: StreamId): SwarmId =>
  keyedHash(secret, "swarm", site, stream) as SwarmId;

/**
 * The number, evenly spread from 0 to 1, that a viewer of a site draws once for all: the same viewer gets the same with the same
 * secret, and nobody can choose a name for the sake of its number.
 */
export function lotOf(secret: string, site: string, viewer: string): number {
  return Buffer.from(keyedHash(secret, "lot", site, viewer), "base64url").readUIntBE(0, 6) / 2 ** 48;
}

/** What reports know a viewer of a site by: always the same with the same secret, and on another site or with another secret another. */
export const viewerMarkOf = (secret: string, site: string, viewer: string): string =>
  keyedHash(secret, "viewer", site, viewer);

/** Where a viewer is, without its address. An unknown address is near to nobody; `unique` stands in for it. */
export function localityOf(secret: string, address: string | undefined, unique: string, place: Place = {}): Locality {
  const keys = address === undefined ? undefined : addressKeys(address);
  return {
    address: keyedHash(secret, "address", keys?.address ?? unique),
    prefix: keyedHash(secret, "prefix", keys?.prefix ?? unique),
    ...place,
  };
}
