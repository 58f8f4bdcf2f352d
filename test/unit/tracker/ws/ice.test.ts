import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { startTracker } from "../support/tracker.ts";

const env = {
  ICE_SERVERS: "stun:s.example",
  TURN_SERVERS: "turn:t.example,turns:t.example",
  TURN_SECRET: "x".repeat(16),
};

test("each viewer gets TURN credentials of its own, made with the secret, that end when they should", async () => {
  const now = 1_700_000_000_999;
  const { connect } = await startTracker({ env: { ...env, TURN_TTL: "600" }, clock: () => now });
  const [a, b] = [await (await connect()).join(), await (await connect()).join()];
  expect(a.iceServers[0]).toEqual({ urls: ["stun:s.example"] });
  const { urls, username, credential } = a.iceServers[1] ?? { urls: [] };
  expect(urls).toEqual(["turn:t.example", "turns:t.example"]);
  expect(username).toBe(`1700000600:${a.id}`);
  expect(credential).toBe(createHmac("sha1", "x".repeat(16)).update(`1700000600:${a.id}`).digest("base64"));
  expect(b.iceServers[1]?.username).toBe(`1700000600:${b.id}`);
});

test("without TURN servers there are no credentials", async () => {
  const { connect } = await startTracker({ env: { ICE_SERVERS: "stun:s.example" } });
  expect((await (await connect()).join()).iceServers).toEqual([{ urls: ["stun:s.example"] }]);
});

test("a session that outlives half of its credentials' life gets new ones, once", async () => {
  let now = 1_700_000_000_000;
  const turn = { urls: ["turn:t.example"], secret: "x".repeat(16), ttlMs: 400 };
  const { connect } = await startTracker({ config: { turn }, clock: () => now });
  const client = await connect();
  const { id } = await client.join();
  await client.fence();
  now += 2000;
  const { iceServers } = await client.next("ice");
  expect(iceServers.map(({ username }) => username)).toEqual([`1700000002:${id}`]);
  now += 199;
  // Two more looks of the tracker, which come every tenth of a second.
  for (let looks = 0; looks < 2; looks++) await new Promise((resolve) => setTimeout(resolve, 100));
  await client.fence();
  expect(client.waiting).toEqual([]);
});
