import { LEASE_MS, type RedisPlace } from "../../../tracker/store/index.ts";
import type { RedisServer } from "../../support/redis.ts";
import { freshPrefix, openStore, passTime } from "../../support/redis-store.ts";
import type { Create } from "./store.ts";

/** Long enough that a busy machine does not let a lease run out in between. */
const SHORT_LEASE_MS = 1200;

/** Makes stores on a Redis or a cluster; `server` is asked for the time. */
export function storesOn(place: () => RedisPlace, server: () => RedisServer): Create {
  return async (leases = "long") => {
    const leaseMs = leases === "short" ? SHORT_LEASE_MS : LEASE_MS;
    const options = { ...place(), prefix: freshPrefix(), leaseMs };
    const [{ store }, { store: other }] = await Promise.all([openStore(options), openStore(options)]);
    return { store, other, leaseMs, advance: (ms) => passTime(server(), ms) };
  };
}
