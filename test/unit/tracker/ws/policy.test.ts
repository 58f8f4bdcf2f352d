import { expect, test } from "vitest";
import type { SubnetRule } from "../../../../tracker/access/subnet-groups.ts";
import { startTracker } from "../support/tracker.ts";
import { sessionId, streamId } from "../support/values.ts";

const TOKEN = "sixteen-letters!";

async function startGoverned(env: Record<string, string> = {}) {
  const running = await startTracker({ env: { ADMIN_TOKEN: TOKEN, SWARM_SECRET: "s".repeat(16), ...env } });
  const put = async (rule: object, query = "") => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const init = { method: "PUT", headers, body: JSON.stringify(rule) };
    expect((await fetch(`${running.http}/api/v1/policy${query}`, init)).status).toBe(200);
  };
  return { ...running, put };
}

test("a changed policy reaches those whom it is for, and nobody else", async () => {
  const { connect, put } = await startGoverned();
  const [news, sport] = [await connect(), await connect()];
  await news.join({ stream: streamId("news") });
  await sport.join({ stream: streamId("sport") });
  await put({ uploadBitsPerSecond: 5 }, "?stream=news");
  expect((await news.next("policy")).policy).toEqual({
    mode: "share",
    group: "p2p",
    uploadBitsPerSecond: 5,
    sampleMs: 5000,
  });
  await put({ uploadBitsPerSecond: 5 }, "?stream=news");
  for (const client of [news, sport]) {
    await client.fence();
    expect(client.waiting).toEqual([]);
  }
  const late = await connect();
  expect((await late.join({ stream: streamId("news") })).policy.uploadBitsPerSecond).toBe(5);
});

test("who is switched off leaves the swarm, and comes back with neighbours to call", async () => {
  const { connect, put } = await startGoverned();
  const first = await connect();
  const a = await first.join();
  await put({ mode: "off" });
  expect((await first.next("policy")).policy.mode).toBe("off");
  // Nobody is told of a viewer that is off, and it is told of nobody.
  const second = await connect();
  const b = await second.join();
  expect(b).toMatchObject({ size: 0, neighbours: [], policy: { mode: "off" } });
  second.send({ t: "more", reason: "alone", have: 0 });
  expect((await second.next("neighbours")).neighbours).toEqual([]);
  await put({ mode: "share" });
  const met = await Promise.all(
    [first, second].map(async (client) => {
      expect((await client.next("policy")).policy.mode).toBe("share");
      return (await client.next("neighbours")).neighbours.map(({ id }) => id);
    }),
  );
  // Whoever came back last was told of the other.
  expect(met.flat()).toEqual([met[0]?.length === 1 ? b.id : a.id]);
});

test("who may only receive is named so to others, from the moment it holds", async () => {
  const { connect, put } = await startGoverned();
  const first = await connect();
  const a = await first.join();
  await put({ mode: "receive" }, "?site=default");
  await first.next("policy");
  await put({ mode: "share" }, "?site=default");
  await first.next("policy");
  await first.fence();
  const giver = await connect();
  expect((await giver.join()).neighbours).toEqual([{ id: a.id, near: "lan", upload: "share" }]);
  await put({ mode: "receive" }, "?site=default");
  await giver.next("policy");
  const taker = await connect();
  // Two who only take are not introduced.
  expect((await taker.join({ upload: "share" })).neighbours).toEqual([]);
});

test("the same viewers are held out at each visit, about as many as asked for", async () => {
  const { connect } = await startGoverned({ HOLDOUT_SHARE: "0.3" });
  const groupOf = async (viewer: string, visit: string) => {
    const client = await connect();
    const { policy, size, neighbours } = await client.join({ viewer, session: sessionId(visit) });
    expect(policy.mode).toBe(policy.group === "holdout" ? "off" : "share");
    if (policy.group === "holdout") expect({ size, neighbours }).toEqual({ size: 0, neighbours: [] });
    await client.close();
    return policy.group;
  };
  let out = 0;
  for (let viewer = 0; viewer < 100; viewer++) {
    const name = sessionId(`viewer ${viewer}`);
    const groups = [await groupOf(name, `visit 1 of ${viewer}`), await groupOf(name, `visit 2 of ${viewer}`)];
    expect(groups[0]).toBe(groups[1]);
    if (groups[0] === "holdout") out += 1;
  }
  expect(out).toBeGreaterThan(15);
  expect(out).toBeLessThan(45);
});

test("a share that changes holds for those connected as well", async () => {
  const { connect, put } = await startGoverned();
  const [first, second] = [await connect(), await connect()];
  await first.join();
  await second.join();
  await put({ holdoutShare: 1 });
  for (const client of [first, second]) {
    expect((await client.next("policy")).policy).toMatchObject({ mode: "off", group: "holdout" });
  }
});

test("a page without storage is held out by its session", async () => {
  const { connect } = await startGoverned({ HOLDOUT_SHARE: "1" });
  expect((await (await connect()).join()).policy.group).toBe("holdout");
});

test("subnets bound what their viewers do, whoever is of one group meets first, and a new file holds at once", async () => {
  const groups: Record<string, SubnetRule> = {
    "198.51.100.1": { group: "berlin", most: "share" },
    "203.0.113.1": { group: "berlin", most: "share" },
    "198.51.100.2": { group: "ship", most: "receive" },
    "198.51.100.3": { group: "guests", most: "off" },
  };
  const { connect, tracker } = await startTracker({
    env: { TRUST_PROXY: "1" },
    subnetOf: (address) => groups[address],
  });
  const from = async (address: string) => {
    const client = await connect({ "x-forwarded-for": address });
    return { client, welcome: await client.join() };
  };
  const berlin = await from("198.51.100.1");
  const ship = await from("198.51.100.2");
  const guest = await from("198.51.100.3");
  expect([ship.welcome.policy, guest.welcome.policy]).toMatchObject([
    { mode: "receive", group: "p2p" },
    { mode: "off", group: "p2p" },
  ]);
  expect(guest.welcome.neighbours).toEqual([]);
  const other = await from("203.0.113.1");
  expect(other.welcome.neighbours).toEqual([
    { id: berlin.welcome.id, near: "lan", upload: "share" },
    { id: ship.welcome.id, near: "far", upload: "receive" },
  ]);
  groups["198.51.100.3"] = { group: "berlin", most: "share" };
  tracker.refresh();
  expect((await guest.client.next("policy")).policy.mode).toBe("share");
  const { neighbours } = await guest.client.next("neighbours");
  expect(
    neighbours
      .filter(({ near }) => near === "lan")
      .map(({ id }) => id)
      .sort(),
  ).toEqual([berlin.welcome.id, other.welcome.id].sort());
});
