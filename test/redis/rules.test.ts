import { pino } from "pino";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createRedisRules, openPolicyBook, type PolicyBook, type ScopedRule } from "../../tracker/policy/index.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { freshPrefix } from "../support/redis-store.ts";
import { streamId } from "../unit/tracker/support/values.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const BASE = { mode: "share", uploadBitsPerSecond: 1, sampleMs: 5000, holdoutShare: 0 } as const;
const OFF: ScopedRule = { scope: { kind: "site", site: "shop" }, rule: { mode: "off" } };

/** The rules as one process has them. */
async function open(prefix: string, onChange: () => void = () => undefined): Promise<PolicyBook> {
  const store = createRedisRules({ url: redis.url, prefix });
  const log = pino({ level: "silent" });
  const book = openPolicyBook({ base: BASE, store, log, onChange });
  onTestFinished(() => {
    book.close();
    store.close();
  });
  await expect
    .poll(
      () =>
        store.load().then(
          () => "ready",
          () => "away",
        ),
      { timeout: 10_000 },
    )
    .toBe("ready");
  return book;
}

test("a rule set by one process holds at another, at one that comes later, and no more once it is taken away", async () => {
  const prefix = freshPrefix();
  let told = 0;
  const [here, there] = [await open(prefix), await open(prefix, () => told++)];
  expect(await here.put(OFF)).toBe("kept");
  expect(here.terms("shop", streamId("s")).mode).toBe("off");
  await expect.poll(() => there.terms("shop", streamId("s")).mode, { timeout: 10_000 }).toBe("off");
  expect(there.terms("other", streamId("s")).mode).toBe("share");
  expect(told).toBe(1);
  const late = await open(prefix);
  await expect.poll(() => late.rules(), { timeout: 10_000 }).toEqual([OFF]);
  await late.remove(OFF.scope);
  await expect.poll(() => there.rules(), { timeout: 10_000 }).toEqual([]);
});

test("while Redis is away the known rules hold, a change is refused, and what somebody else wrote is passed over", async () => {
  const prefix = freshPrefix();
  const book = await open(prefix);
  await book.put(OFF);
  await redis.command("HSET", `${prefix}:{policy}:rules`, "odd", "rubbish");
  await redis.kill();
  await expect(book.put({ ...OFF, rule: { mode: "share" } })).rejects.toThrow();
  expect(book.rules()).toEqual([OFF]);
  await redis.restart();
});
