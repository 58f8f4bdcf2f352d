import { beforeAll } from "vitest";
import { type RedisCluster, startRedisCluster } from "../../support/redis.ts";
import { storesOn } from "./redis-store.ts";
import { describeStore } from "./store.ts";

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
  return cluster.stop;
}, 60_000);

describeStore(
  "a Redis Cluster of three masters",
  storesOn(
    () => ({ nodes: cluster.nodes.map(({ url }) => url) }),
    () => cluster.nodes[0],
  ),
);
