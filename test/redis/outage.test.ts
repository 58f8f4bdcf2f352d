import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createRedisStore, type Mail, type SwarmStore } from "../../tracker/store/index.ts";
import { freePort } from "../support/process.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { freshPrefix, openStore } from "../support/redis-store.ts";
import { member, peerId } from "../unit/tracker/support/values.ts";
import { HERE, node, refusalOf, refusals } from "./calls.ts";
import { openProxy } from "./proxy.ts";

/** Short, so that what takes seconds in operation does not here. */
const limits = { callMs: 400, lookMs: 50, patienceMs: 1500, retryMs: 200, keepMs: 100, nodeLeaseMs: 2000 };
/** What a busy machine may add to a time. */
const SLACK_MS = 1000;

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
  return server.stop;
}, 60_000);

const letter = (index: number): Mail => ({
  kind: "signal",
  to: peerId("b", "two2"),
  from: peerId("a"),
  payload: `${index}`,
});
const isReady = (store: SwarmStore) => expect.poll(() => store.ready(), { timeout: 15_000 });
const posts = (store: SwarmStore) => expect.poll(() => store.post(letter(0)).catch(String), { timeout: 15_000 });

/** A swarm of one, and a process that hears what another posts. */
async function openPair(url: string) {
  const options = { url, prefix: freshPrefix(), limits };
  const [{ store, troubles }, { store: other }] = await Promise.all([openStore(options), openStore(options)]);
  const heard: Mail[] = [];
  await other.attach(node("two2"), (mail) => heard.push(mail));
  await store.join(HERE, member("a"));
  expect(await store.post(letter(0))).toBe("posted");
  return { store, other, heard, troubles };
}

test("Redis is killed and started again: calls reject in time, and everything comes back by itself", async () => {
  const { store, other, heard, troubles } = await openPair(server.url);
  await server.kill();
  await isReady(store).toMatchObject({ reason: expect.stringContaining("no connection to Redis") });
  for (const [call, { reason, ms }] of Object.entries(await refusals(store))) {
    expect([call, reason]).toEqual([call, "offline"]);
    expect(ms).toBeLessThan(limits.callMs + SLACK_MS);
  }
  const many = await Promise.all(Array.from({ length: 20_000 }, () => refusalOf(store.size(HERE))));
  expect(new Set(many.map(({ reason }) => reason))).toEqual(new Set(["offline"]));

  await server.restart();
  await isReady(store).toBe("ready");
  await isReady(other).toBe("ready");
  // The new Redis knows nothing: members join again, names are taken again.
  expect(await store.renew(HERE, [peerId("a")])).toEqual([peerId("a")]);
  expect((await store.join(HERE, member("a"))).size).toBe(1);
  await posts(store).toBe("posted");
  expect(await store.post(letter(7))).toBe("posted");
  await expect.poll(() => heard.at(-1)).toEqual(letter(7));
  expect(troubles).toContain("offline");
});

test("a store that is made while there is no Redis finds it later", async () => {
  await server.kill();
  const store = createRedisStore({ url: server.url, prefix: freshPrefix(), limits });
  onTestFinished(() => store.close());
  expect(await store.ready()).toMatchObject({ reason: expect.stringContaining("no connection") });
  expect((await refusalOf(store.join(HERE, member("a")))).reason).toBe("offline");
  await server.restart();
  await isReady(store).toBe("ready");
  expect((await store.join(HERE, member("a"))).size).toBe(1);
});

test("a store that was closed says so, while Redis is there and while it is not", async () => {
  const { store } = await openStore({ url: server.url, limits });
  await store.attach(node("two2"), () => undefined);
  await store.close();
  for (const { reason } of Object.values(await refusals(store))) expect(reason).toBe("closed");
  expect(await store.ready()).toEqual({ reason: "the store was closed" });

  const never = createRedisStore({ url: `redis://127.0.0.1:${await freePort()}`, limits });
  await never.close();
  expect((await refusalOf(never.size(HERE))).reason).toBe("closed");
});

test("a Redis that sleeps: calls reject in time, then at once, and work again when it wakes", async () => {
  const { store, heard } = await openPair(server.url);
  const asleep = server.command("DEBUG", "SLEEP", "2.5");
  await expect.poll(async () => (await refusalOf(store.size(HERE))).reason).toBe("slow");
  for (const { reason, ms } of Object.values(await refusals(store))) {
    expect(["slow", "offline"]).toContain(reason);
    expect(ms).toBeLessThan(limits.callMs + SLACK_MS);
  }
  expect(await store.ready()).toEqual({ reason: "Redis does not answer, or is not ready to" });
  const quick = await Promise.all(Array.from({ length: 1000 }, () => refusalOf(store.size(HERE))));
  expect(Math.max(...quick.map(({ ms }) => ms))).toBeLessThan(limits.callMs / 2);
  await asleep;
  await isReady(store).toBe("ready");
  expect(await store.renew(HERE, [peerId("a")])).toEqual([]);
  await posts(store).toBe("posted");
  const letters = Array.from({ length: 100 }, (_, index) => letter(index + 1));
  await Promise.all(letters.map((mail) => store.post(mail)));
  await expect.poll(() => heard.slice(-letters.length)).toEqual(letters);
});

test("a process that is held up itself does not blame Redis", async () => {
  const { store } = await openStore({ url: server.url, limits });
  await store.join(HERE, member("a"));
  const sizes = Promise.all(Array.from({ length: 10 }, () => store.size(HERE)));
  const until = performance.now() + limits.callMs * 2;
  while (performance.now() < until) JSON.parse("[]");
  expect(await sizes).toEqual(Array.from({ length: 10 }, () => 1));
});

test("connections that fall silent without a word are given up for new ones", async () => {
  const proxy = await openProxy(server.port);
  const { store, other, heard } = await openPair(`redis://127.0.0.1:${proxy.port}`);
  proxy.silence();
  const { reason, ms } = await refusalOf(store.size(HERE));
  expect(reason).toBe("slow");
  expect(ms).toBeLessThan(limits.callMs + SLACK_MS);
  await isReady(store).not.toBe("ready");
  await isReady(store).toBe("ready");
  await isReady(other).toBe("ready");
  expect(await store.size(HERE)).toBe(1);
  await posts(store).toBe("posted");
  heard.length = 0;
  await expect
    .poll(async () => [await store.post(letter(3)), heard.length > 0], { timeout: 15_000 })
    .toEqual(["posted", true]);
});

test("a call that Redis answers with an error says which", async () => {
  const { store, troubles } = await openStore({ url: server.url, limits, prefix: "wrong" });
  await server.command("SET", "wrong:{here}:swarm", "no hash");
  await expect(store.join(HERE, member("a"))).rejects.toMatchObject({
    reason: "refused",
    message: expect.stringContaining("WRONGTYPE"),
  });
  await server.command("DEL", "wrong:{here}:swarm");
  expect((await store.join(HERE, member("a"))).size).toBe(1);
  expect(troubles).toEqual([]);
});
