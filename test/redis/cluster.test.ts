import { createClient } from "redis";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import type { Mail } from "../../tracker/store/index.ts";
import { type RedisCluster, startRedisCluster } from "../support/redis.ts";
import { freshPrefix, openStore } from "../support/redis-store.ts";
import { member, peerId, swarmId } from "../unit/tracker/support/values.ts";
import { node, refusalOf } from "./calls.ts";

const limits = { callMs: 500, lookMs: 50, retryMs: 200, keepMs: 100 };
const SLACK_MS = 1000;
const SWARMS = Array.from({ length: 30 }, (_, index) => swarmId(`swarm ${index}`));
const NAMES = Array.from({ length: 12 }, (_, index) => `n0${index.toString(36)}a`);

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
  return cluster.stop;
}, 60_000);

test("a master of a cluster is killed and started again: the others go on, and it comes back by itself", async () => {
  const options = { nodes: cluster.nodes.map(({ url }) => url), prefix: freshPrefix(), limits };
  const [{ store }, { store: other }] = await Promise.all([openStore(options), openStore(options)]);
  const heard = new Map<string, Mail[]>();
  for (const name of NAMES) {
    const inbox: Mail[] = [];
    heard.set(name, inbox);
    expect(await other.attach(node(name), (mail) => inbox.push(mail))).toBe("attached");
  }
  for (const swarm of SWARMS) await store.join(swarm, member("a"));

  const [, victim] = cluster.nodes;
  await victim.kill();
  await expect
    .poll(() => store.ready(), { timeout: 10_000 })
    .toMatchObject({ reason: expect.stringContaining(`127.0.0.1:${victim.port}`) });
  const calls = await Promise.all(SWARMS.map((swarm) => refusalOf(store.size(swarm))));
  const fine = calls.filter(({ reason }) => reason === "none");
  expect(fine.length).toBeGreaterThan(0);
  expect(fine.length).toBeLessThan(SWARMS.length);
  expect(Math.max(...calls.map(({ ms }) => ms))).toBeLessThan(limits.callMs + SLACK_MS);

  await victim.restart();
  await expect.poll(() => store.ready(), { timeout: 20_000 }).toBe("ready");
  await expect.poll(() => other.ready(), { timeout: 20_000 }).toBe("ready");
  const renewals = await Promise.all(SWARMS.map((swarm) => store.renew(swarm, [peerId("a")])));
  const lost = SWARMS.filter((_, index) => renewals[index]?.length === 1);
  expect(lost.length).toBe(SWARMS.length - fine.length);
  for (const swarm of lost) await store.join(swarm, member("a"));
  expect(await Promise.all(SWARMS.map((swarm) => store.size(swarm)))).toEqual(SWARMS.map(() => 1));
  for (const [name, inbox] of heard) {
    inbox.length = 0;
    const letter: Mail = { kind: "gone", to: peerId("x", name), peer: peerId("y") };
    await expect.poll(() => store.post(letter).catch(String), { timeout: 15_000 }).toBe("posted");
    await expect.poll(() => inbox.at(0)).toEqual(letter);
  }
});

test("a call that a master fails shows in readiness, long before the next look at the nodes", async () => {
  const seldom = { ...limits, lookMs: 60_000 };
  const { store } = await openStore({ nodes: cluster.nodes.map(({ url }) => url), limits: seldom });
  const [, victim] = cluster.nodes;
  await victim.kill();
  await expect
    .poll(async () => {
      await Promise.all(SWARMS.map((swarm) => refusalOf(store.size(swarm))));
      return await store.ready();
    })
    .toMatchObject({ reason: expect.stringContaining(`127.0.0.1:${victim.port}`) });
  await victim.restart();
});

test("a renewal that fails for swarms of one master is done for those of the others", async () => {
  const options = { nodes: cluster.nodes.map(({ url }) => url), prefix: freshPrefix(), limits, leaseMs: 60_000 };
  const { store } = await openStore(options);
  for (const swarm of SWARMS) await store.join(swarm, member("a"));
  const key = (swarm: string) => `${options.prefix}:{${swarm}}:leases`;
  const [, victim, witness] = cluster.nodes;
  const held = (await witness.command("KEYS", `${options.prefix}:*:leases`)) as string[];
  const swarms = SWARMS.filter((swarm) => held.includes(key(swarm)));
  const leaseEnd = async (swarm: string) => Number(await witness.command("ZSCORE", key(swarm), peerId("a")));
  const before = await Promise.all(swarms.map(leaseEnd));
  await victim.kill();
  const renewals = await Promise.all(SWARMS.map((swarm) => refusalOf(store.renew(swarm, [peerId("a")]))));
  expect(renewals.filter(({ reason }) => reason !== "none").length).toBeGreaterThan(0);
  const after = await Promise.all(swarms.map(leaseEnd));
  expect(swarms.length).toBeGreaterThan(0);
  for (const [index, end] of after.entries()) expect(end).toBeGreaterThan(before[index] ?? 0);
  await victim.restart();
  await expect.poll(() => store.ready(), { timeout: 20_000 }).toBe("ready");
});

test("user and password of the first node hold for all", async () => {
  const password = "s3cret/with:signs";
  for (const { url } of cluster.nodes) {
    const admin = createClient({ url });
    admin.on("error", () => undefined);
    await admin.connect();
    await admin.configSet("requirepass", password);
    onTestFinished(async () => {
      await admin.configSet("requirepass", "");
      admin.destroy();
    });
  }
  const [first, ...others] = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
  const nodes = [`redis://:${encodeURIComponent(password)}@${first}`, ...others.map((address) => `redis://${address}`)];
  const { store } = await openStore({ nodes, limits });
  for (const swarm of SWARMS) expect((await store.join(swarm, member("a"))).size).toBe(1);
  expect(await store.attach(node("two2"), () => undefined)).toBe("attached");
});
