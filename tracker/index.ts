export { openPlaces } from "./access/places.ts";
export { openSubnetFile } from "./access/subnet-file.ts";
export * from "./config/index.ts";
export { BEACON_PATH } from "./http/beacon.ts";
export { createSparseLog } from "./log.ts";
export { createMemoryRules, createRedisRules } from "./policy/index.ts";
export {
  createMemoryStore,
  createRedisStore,
  type RedisPlace,
  type RedisStoreOptions,
  type SwarmStore,
} from "./store/index.ts";
export { createTracker, type Tracker, type TrackerDeps } from "./tracker.ts";
