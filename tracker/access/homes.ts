import type { StreamId, SwarmId } from "../protocol/index.ts";
import { swarmIdOf } from "./keyed-hash.ts";

/** A stream, and what its swarm is called. */
export type Home = { readonly stream: StreamId; readonly swarm: SwarmId };

/** Streams that are remembered. */
export const HOMES_KEPT = 2000;

/**
 * The home of a stream on one site. Both names are the same texts for all its viewers, which would otherwise hold a copy each (a stream
 * is mostly a URL), and are hashed once.
 */
export function createHomes(secret: string, site: string, kept = HOMES_KEPT): (stream: StreamId) => Home {
  const homes = new Map<StreamId, Home>();
  return (stream) => {
    const known = homes.get(stream);
    if (known) return known;
    if (homes.size >= kept) homes.clear();
    const home = { stream, swarm: swarmIdOf(secret, site, stream) };
    homes.set(stream, home);
    return home;
  };
}
