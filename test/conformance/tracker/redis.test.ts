import { beforeAll } from "vitest";
import { type RedisServer, startRedis } from "../../support/redis.ts";
import { storesOn } from "./redis-store.ts";
import { describeStore } from "./store.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
  return server.stop;
}, 60_000);

describeStore(
  "Redis",
  storesOn(
    () => ({ url: server.url }),
    () => server,
  ),
);
