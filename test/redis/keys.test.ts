import { beforeAll, expect, test } from "vitest";
import { createRedisStore } from "../../tracker/store/index.ts";
import { HERE, joinAll } from "../conformance/tracker/store/setting.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { freshPrefix, openStore, passTime } from "../support/redis-store.ts";
import { digest, member, peerId, segmentId } from "../unit/tracker/support/values.ts";
import { circlesIn } from "./read-circles.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
  return server.stop;
}, 60_000);

const keysUnder = async (prefix: string) => (await server.command("KEYS", `${prefix}:*`)) as string[];
const claim = { viewer: peerId("a"), segment: segmentId("s"), bytes: 9, from: 0, digests: [digest("d")] };
const crowd = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    member(`v${index}`, { locality: { address: `a${index % 90}`, prefix: `p${index % 9}`, country: "NU" } }),
  );

test("every key of a swarm ends by itself with the last lease, and at once with the last member", async () => {
  const prefix = freshPrefix();
  const leaseMs = 800;
  const { store } = await openStore({ url: server.url, prefix, leaseMs });
  await store.join(HERE, member("a"));
  await store.join(HERE, member("b"));
  await store.publish(HERE, claim);
  const keys = await keysUnder(prefix);
  expect(keys).toHaveLength(4);
  for (const key of keys) {
    expect(key).toContain("{here}");
    const left = Number(await server.command("PTTL", key));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(leaseMs);
  }
  await passTime(server, leaseMs);
  expect(await keysUnder(prefix)).toEqual([]);

  await store.join(HERE, member("a"));
  await store.publish(HERE, claim);
  await store.leave(HERE, member("a").id);
  expect(await keysUnder(prefix)).toEqual([]);
});

test("in a rush of joins every key of the swarm still lives as long as its members", async () => {
  const prefix = freshPrefix();
  const leaseMs = 6400;
  const { store } = await openStore({ url: server.url, prefix, leaseMs });
  const lives = () =>
    Promise.all(
      ["leases", "swarm"].map(async (key) => Number(await server.command("PTTL", `${prefix}:{here}:${key}`))),
    );
  const shortest = async () => Math.min(...(await lives()));
  // The only member comes again, which empties the keys for a moment; then others in a rush that outlasts one prolongation.
  await store.join(HERE, member("a"));
  await store.join(HERE, member("a"));
  expect(await shortest()).toBeGreaterThan(leaseMs * 0.9);
  await server.command("CONFIG", "RESETSTAT");
  const end = performance.now() + 500;
  let joined = 0;
  while (performance.now() < end) {
    await store.join(HERE, member(`v${joined++}`));
    expect(await shortest()).toBeGreaterThan(leaseMs * 0.9);
  }
  const stats = String(await server.command("INFO", "commandstats"));
  const prolonged = Number(stats.match(/cmdstat_pexpire:calls=(\d+)/)?.[1]);
  expect(prolonged).toBeGreaterThan(0);
  expect(prolonged).toBeLessThan(joined);
});

test("a renewal keeps every key of its swarm alive", async () => {
  const prefix = freshPrefix();
  const leaseMs = 800;
  const { store } = await openStore({ url: server.url, prefix, leaseMs });
  await store.join(HERE, member("a"));
  await store.publish(HERE, claim);
  for (let round = 0; round < 3; round++) {
    await passTime(server, leaseMs * 0.6);
    expect(await store.renew(HERE, [peerId("a")])).toEqual([]);
  }
  expect(await keysUnder(prefix)).toHaveLength(4);
  expect((await store.digests(HERE, [claim.segment]))[0]?.verdict).toBe("agreed");
});

test("ghosts are swept out a few at a time, by whatever call comes", async () => {
  const prefix = freshPrefix();
  const leaseMs = 1000;
  const { store } = await openStore({ url: server.url, prefix, leaseMs });
  await Promise.all(crowd(100).map((one) => store.join(HERE, one)));
  await passTime(server, leaseMs * 0.6);
  const stayed = member("stayed", { locality: { address: "a1", prefix: "p1", country: "NU" } });
  await store.join(HERE, stayed);
  await passTime(server, leaseMs * 0.6);
  const held = async () => Number(await server.command("ZCARD", `${prefix}:{here}:leases`));
  const calls = [
    () => store.renew(HERE, [stayed.id]),
    () => store.candidates(HERE, stayed),
    () => store.join(HERE, stayed),
    () => store.leave(HERE, peerId("nobody")),
  ];
  for (let round = 0; (await held()) > 1; round++) {
    const before = await held();
    await calls[round % calls.length]?.();
    expect(before - (await held())).toBeGreaterThan(0);
    expect(before - (await held())).toBeLessThanOrEqual(4);
  }
  const circles = await circlesIn(server, `${prefix}:{here}:swarm`);
  expect([...circles.values()].map(({ count }) => count)).toEqual([1, 1, 1, 1]);
});

test("circles hold each member once, where it belongs, through any growing and shrinking", async () => {
  const prefix = freshPrefix();
  const { store } = await openStore({ url: server.url, prefix });
  const members = crowd(260);
  const check = async (size: number) => {
    const circles = await circlesIn(server, `${prefix}:{here}:swarm`);
    expect(circles.get("*")?.count).toBe(size);
    for (const [name, { count, entries, astray }] of circles) {
      expect([name, entries.length, astray]).toEqual([name, count, 0]);
      expect(new Set(entries).size).toBe(count);
    }
  };
  for (let from = 0; from < members.length; from += 20) {
    await Promise.all(members.slice(from, from + 20).map((one) => store.join(HERE, one)));
    await check(from + 20);
  }
  for (let left = members.length; left > 20; left -= 20) {
    await Promise.all(members.slice(left - 20, left).map(({ id }) => store.leave(HERE, id)));
    await check(left - 20);
  }
});

test("a join takes as many steps in a swarm of thousands as in one of hundreds", async () => {
  const { store } = await openStore({ url: server.url });
  const viewers = Array.from({ length: 6100 }, (_, index) =>
    member(`v${index}`, { locality: { address: `a${index}`, prefix: `p${index}`, as: 1 } }),
  );
  const steps = async (from: number, to: number) => {
    await server.command("CONFIG", "RESETSTAT");
    await joinAll(store, viewers.slice(from, to));
    const stats = String(await server.command("INFO", "commandstats"));
    const calls = [...stats.matchAll(/cmdstat_\w+:calls=(\d+)/g)].map(([, count]) => Number(count));
    return calls.reduce((sum, count) => sum + count, 0) / (to - from);
  };
  await joinAll(store, viewers.slice(0, 300));
  const early = await steps(300, 400);
  await joinAll(store, viewers.slice(400, 6000));
  const late = await steps(6000, 6100);
  expect(late).toBeLessThan(early + 1);
  expect(late).toBeLessThan(14);
});

test("a ledger forgets the segments that were not used for longest", async () => {
  const prefix = freshPrefix();
  const { store } = await openStore({ url: server.url, prefix });
  await store.join(HERE, member("a"));
  const segments = Array.from({ length: 2100 }, (_, index) => segmentId(`s${index}`));
  const first = segmentId("s0");
  for (let from = 0; from < segments.length; from += 100) {
    await Promise.all(segments.slice(from, from + 100).map((segment) => store.publish(HERE, { ...claim, segment })));
    expect((await store.digests(HERE, [first]))[0]?.verdict).toBe("agreed");
  }
  expect(await server.command("ZCARD", `${prefix}:{here}:used`)).toBe(2048);
  const verdicts = await store.digests(HERE, [segmentId("s1"), segmentId("s2099")]);
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(["unknown", "agreed"]);
  const big = Array.from({ length: 1024 }, () => digest("d"));
  for (let index = 0; index < 40; index++) {
    await store.publish(HERE, { ...claim, segment: segmentId(`big${index}`), digests: big });
  }
  expect(Number(await server.command("HGET", `${prefix}:{here}:digests`, " blocks"))).toBeLessThanOrEqual(32 * 1024);
});

test("a prefix that would break the keys is refused", () => {
  for (const prefix of ["", "a{b", "a b", "x".repeat(65)]) {
    expect(() => createRedisStore({ url: server.url, prefix })).toThrow(RangeError);
  }
});
