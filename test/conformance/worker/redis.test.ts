import pino from "pino";
import { beforeAll, expect, onTestFinished } from "vitest";
import { createRedisReportStore } from "../../../worker/store/redis/index.ts";
import { type RedisCluster, type RedisServer, startRedis, startRedisCluster } from "../../support/redis.ts";
import { freshPrefix } from "../../support/redis-store.ts";
import { describeReportStore, type Open } from "./store.ts";

let server: RedisServer;
let cluster: RedisCluster;
beforeAll(async () => {
  [server, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
  return () => Promise.all([server.stop(), cluster.stop()]);
}, 60_000);

const on =
  (place: () => Parameters<typeof createRedisReportStore>[0]["place"]): Open =>
  async ({ maxStreams }) => {
    let passed = 0;
    const clock = () => Date.now() + passed;
    const options = { place: place(), prefix: freshPrefix(), log: pino({ level: "silent" }), clock, maxStreams };
    const [store, other] = [createRedisReportStore(options), createRedisReportStore(options)];
    onTestFinished(() => {
      store.close();
      other.close();
    });
    for (const each of [store, other]) await expect.poll(each.ready, { timeout: 10_000 }).toBe("ready");
    const settle = async (ms: number) => {
      passed = ms;
      // Two workers at once must come out as one.
      await Promise.all([store.rollUp(), other.rollUp()]);
    };
    return { store, other, settle };
  };

describeReportStore(
  "reports in Redis",
  on(() => ({ url: server.url })),
);
describeReportStore(
  "reports in a Redis Cluster",
  on(() => ({ nodes: cluster.nodes.map(({ url }) => url) })),
);
