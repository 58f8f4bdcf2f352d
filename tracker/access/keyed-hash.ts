import { createHmac } from "node:crypto";
import type { StreamId, SwarmId } from "../protocol/index.ts";
import { addressKeys, type Locality } from "../swarm/index.ts";

/** Where an address is, as far as the operator's database knows. */
export type Place = { readonly as?: number; readonly country?: string };

/** 128 bits of HMAC-SHA256 in base64url: nobody can guess or invert it without the secret. */
function keyedHash(secret: string, ...parts: readonly string[]): string {
  return createHmac("sha256", secret).update(JSON.stringify(parts)).digest().subarray(0, 16).toString("base64url");
}

/** What the swarm of a stream is called inside the tracker. */
export const swarmIdOf = (secret: string, site: string, stream: StreamId): SwarmId =>
  keyedHash(secret, "swarm", site, stream) as SwarmId;

/** Where a viewer is, without its address. An unknown address is near to nobody; `unique` stands in for it. */
export function localityOf(secret: string, address: string | undefined, unique: string, place: Place = {}): Locality {
  const keys = address === undefined ? undefined : addressKeys(address);
  return {
    address: keyedHash(secret, "address", keys?.address ?? unique),
    prefix: keyedHash(secret, "prefix", keys?.prefix ?? unique),
    ...place,
  };
}
