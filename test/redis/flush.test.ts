import { beforeAll, expect, test } from "vitest";
import type { Mail } from "../../tracker/store/index.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { freshPrefix, openStore } from "../support/redis-store.ts";
import { member, peerId } from "../unit/tracker/support/values.ts";
import { HERE, node } from "./calls.ts";

const limits = { keepMs: 100, nodeLeaseMs: 2000 };

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
  return server.stop;
}, 60_000);

test("FLUSHALL and SCRIPT FLUSH: members join again, names are taken again, and nothing else is noticed", async () => {
  const options = { url: server.url, prefix: freshPrefix(), limits };
  const [{ store, troubles }, { store: other }] = await Promise.all([openStore(options), openStore(options)]);
  const heard: Mail[] = [];
  await other.attach(node("two2"), (mail) => heard.push(mail));
  const members = Array.from({ length: 100 }, (_, index) => member(`v${index}`));
  await Promise.all(members.map((one) => store.join(HERE, one)));
  await server.command("FLUSHALL");
  await server.command("SCRIPT", "FLUSH");

  const peers = members.map(({ id }) => id);
  expect(await store.renew(HERE, peers)).toEqual(peers);
  await Promise.all(members.map((one) => store.join(HERE, one)));
  expect(await other.size(HERE)).toBe(100);
  const letter: Mail = { kind: "gone", to: peerId("x", "two2"), peer: peerId("y") };
  await expect.poll(() => store.post(letter)).toBe("posted");
  await expect.poll(() => heard.at(-1)).toEqual(letter);
  expect(troubles).toEqual([]);
});

/** So few that every draw has them all. */
const FEW = 20;

test("one key of a swarm that Redis evicts: the swarm is built anew at the next renewal", async () => {
  const prefix = freshPrefix();
  const { store } = await openStore({ url: server.url, prefix });
  const members = Array.from({ length: FEW }, (_, index) => member(`v${index}`));
  const peers = members.map(({ id }) => id);
  for (const key of ["leases", "swarm"]) {
    await Promise.all(members.map((one) => store.join(HERE, one)));
    await server.command("DEL", `${prefix}:{here}:${key}`);
    expect(await store.renew(HERE, peers)).toEqual(peers);
    await Promise.all(members.map((one) => store.join(HERE, one)));
    expect(await store.size(HERE)).toBe(FEW);
    expect((await store.candidates(HERE, member("v0"))).candidates).toHaveLength(FEW - 1);
  }
});
