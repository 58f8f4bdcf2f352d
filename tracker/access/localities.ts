import { addressKeys, type Locality } from "../swarm/index.ts";
import { localityOf, type Place } from "./keyed-hash.ts";

/** Addresses that are remembered. */
export const LOCALITIES_KEPT = 4000;

/** `unique` stands in for an address that nobody knows. */
export type LocalityOf = (address: string | undefined, unique: string, place: Place) => Locality;

/**
 * Where viewers are. All behind one address have the very same object, which they would otherwise hold a copy of each, and the address
 * is hashed once.
 */
export function createLocalities(secret: string, kept = LOCALITIES_KEPT): LocalityOf {
  const localities = new Map<string, Locality>();
  return (address, unique, place) => {
    const known = address === undefined ? undefined : localities.get(address);
    // The operator's database may have been replaced meanwhile.
    if (known && known.as === place.as && known.country === place.country) return known;
    const locality = localityOf(secret, address, unique, place);
    if (address !== undefined && addressKeys(address)) {
      if (localities.size >= kept) localities.clear();
      localities.set(address, locality);
    }
    return locality;
  };
}
