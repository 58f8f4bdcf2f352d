import { expect, test } from "vitest";
import { createMemoryStore } from "../../../../tracker/index.ts";
import { LIMITS } from "../../../../tracker/protocol/index.ts";
import { startTracker } from "../support/tracker.ts";
import { sessionId, streamId } from "../support/values.ts";

test("the first viewer is welcomed with what the operator decided, and meets nobody", async () => {
  const { connect } = await startTracker({
    env: { ICE_SERVERS: "stun:stun.example:3478", UPLOAD_LIMIT: "1000000", SAMPLE_INTERVAL: "2000" },
  });
  const welcome = await (await connect()).join();
  expect(welcome).toMatchObject({
    v: 1,
    size: 1,
    neighbours: [],
    iceServers: [{ urls: ["stun:stun.example:3478"] }],
    policy: { mode: "share", group: "p2p", uploadBitsPerSecond: 1_000_000, sampleMs: 2000 },
  });
});

test("a newcomer is told whom to call, and those hear of the newcomer", async () => {
  const { connect } = await startTracker();
  const [first, second] = [await connect(), await connect()];
  const a = await first.join();
  const b = await second.join({ upload: "receive" });
  expect(b.size).toBe(2);
  expect(b.neighbours).toEqual([{ id: a.id, near: "lan", upload: "share" }]);
  expect((await first.next("introduced")).neighbour).toEqual({ id: b.id, near: "lan", upload: "receive" });
});

test("viewers of another stream are not met", async () => {
  const { connect } = await startTracker();
  await (await connect()).join();
  const other = await (await connect()).join({ stream: streamId("another") });
  expect(other).toMatchObject({ size: 1, neighbours: [] });
});

test("viewers of another site are not met, even on one store", async () => {
  const store = createMemoryStore();
  const config = { swarmSecret: "the same secret for both" };
  const one = await startTracker({ store, config, env: { SITE: "one" } });
  const two = await startTracker({ store, config, env: { SITE: "two" } });
  await (await one.connect()).join();
  expect(await (await two.connect()).join()).toMatchObject({ size: 1, neighbours: [] });
});

test("no more neighbours than NEIGHBOURS says", async () => {
  const { connect } = await startTracker({ env: { NEIGHBOURS: "3" } });
  for (let viewer = 0; viewer < 6; viewer++) await (await connect()).join();
  const { size, neighbours } = await (await connect()).join();
  expect(size).toBe(7);
  expect(neighbours).toHaveLength(3);
  expect(new Set(neighbours.map(({ id }) => id)).size).toBe(3);
});

test.each(["receive", "off"] as const)("under P2P_MODE=%s nobody learns of anybody", async (mode) => {
  const { connect } = await startTracker({ env: { P2P_MODE: mode } });
  const first = await connect();
  await first.join();
  const second = await connect();
  const welcome = await second.join();
  expect(welcome).toMatchObject({ neighbours: [], policy: { mode } });
  second.send({ t: "more", reason: "alone", have: 0 });
  expect((await second.next("neighbours")).neighbours).toEqual([]);
  await first.fence();
  expect(first.waiting.filter((message) => "t" in message && message.t === "introduced")).toEqual([]);
});

test("peer ids are the tracker's to give: a viewer cannot choose one", async () => {
  const { connect } = await startTracker();
  const victim = await connect();
  const { id } = await victim.join();
  const forger = await connect();
  forger.send({ ...joinMessage, id });
  expect((await forger.next("error")).message).toContain("id");
  expect((await forger.closed).code).toBe(4400);
  await victim.fence();
});

const joinMessage = {
  t: "join",
  v: 1,
  stream: "stream",
  session: sessionId("session"),
  upload: "share",
  player: "test",
};

test("a second join is refused and leaves the first standing", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  await client.join();
  client.send({ ...joinMessage, stream: "another" });
  expect((await client.next("error")).code).toBe("already-joined");
  await client.fence();
});

test("messages sent in one gust behind the join are handled after it, and their answers come after the welcome", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  client.send(joinMessage);
  client.send({ t: "ask", segments: ["s1"] });
  client.send({ t: "more", reason: "alone", have: 0 });
  await client.next("neighbours");
  expect(client.waiting.map((message) => ("t" in message ? message.t : "signal"))).toEqual(["welcome", "digests"]);
});

test.each([
  ["more", JSON.stringify({ t: "more", reason: "alone", have: 0 })],
  ["a signal", `>${"a".repeat(22)}payload`],
])("%s before the join is refused with not-joined, and 4400", async (_, text) => {
  const { connect } = await startTracker();
  const client = await connect();
  client.sendText(text);
  expect((await client.next("error")).code).toBe("not-joined");
  expect((await client.closed).code).toBe(4400);
});

test("another version of the protocol is refused as such, whatever else its join holds", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  client.send({ t: "join", v: 2, something: "new" });
  expect((await client.next("error")).code).toBe("unsupported-version");
  expect((await client.closed).code).toBe(4426);
});

test("a socket without a join is closed in time, one with a join is not", async () => {
  const { connect } = await startTracker({ timings: { joinMs: 40 } });
  const joined = await connect();
  await joined.join();
  const silent = await connect();
  expect((await silent.closed).code).toBe(4408);
  await joined.fence();
  expect(LIMITS.joinMs).toBe(10_000);
});

test("a store that does not answer closes with 1011, and the next try works", async () => {
  const store = createMemoryStore();
  let broken = true;
  const { connect, metric } = await startTracker({
    store: {
      ...store,
      join: (...args) => (broken ? Promise.reject(new Error("store is down")) : store.join(...args)),
    },
  });
  const client = await connect();
  await expect(client.join()).rejects.toThrow("1011");
  expect((await client.next("error")).code).toBe("internal");
  expect(await metric("store_errors_total", { operation: "join" })).toBe(1);
  broken = false;
  expect((await (await connect()).join()).size).toBe(1);
});

test("who leaves is out of the swarm, and the others hear the new size", async () => {
  const { connect, metric } = await startTracker();
  const [first, second] = [await connect(), await connect()];
  await first.join();
  await second.join();
  expect((await first.next("swarm")).size).toBe(2);
  await second.close();
  expect((await first.next("swarm")).size).toBe(1);
  expect((await (await connect()).join()).neighbours).toHaveLength(1);
  expect(await metric("viewers")).toBe(2);
  expect(await metric("joins_total")).toBe(3);
});

test("viewers' addresses and streams are in no log line", async () => {
  const { connect, logged } = await startTracker({ env: { TRUST_PROXY: "1" } });
  const client = await connect({ "x-forwarded-for": "203.0.113.77" });
  await client.join({ stream: streamId("secret-stream") });
  await client.close();
  const text = logged.join("\n");
  expect(text).toContain("viewer joined");
  expect(text).not.toMatch(/203\.0\.113|127\.0\.0\.1|secret-stream/);
});

test("LOG_ADDRESSES names the address where a connection begins, and nowhere else", async () => {
  const env = { TRUST_PROXY: "1", LOG_ADDRESSES: "on", MAX_CONNECTIONS_PER_ADDRESS: "1" };
  const { connect, logged } = await startTracker({ env });
  const client = await connect({ "x-forwarded-for": "203.0.113.77" });
  await client.join();
  const refused = await connect({ "x-forwarded-for": "203.0.113.77" });
  await refused.closed;
  const lines = logged.map((line) => JSON.parse(line) as Record<string, unknown>);
  const about = lines.filter((line) => JSON.stringify(line).includes("203.0.113.77"));
  expect(about).toMatchObject([
    { connection: "c0", address: "203.0.113.77", msg: "socket opened" },
    { connection: "c1", address: "203.0.113.77", reason: "full", msg: "socket turned away" },
  ]);
  expect(lines).toContainEqual(expect.objectContaining({ connection: "c0", msg: "viewer joined" }));
});
