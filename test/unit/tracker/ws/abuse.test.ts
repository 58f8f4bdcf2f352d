import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { expect, test } from "vitest";
import { LIMITS } from "../../../../tracker/protocol/index.ts";
import { MISSED_PONGS } from "../../../../tracker/ws/timings.ts";
import { connectClient } from "../support/client.ts";
import { startTracker } from "../support/tracker.ts";
import { sessionId } from "../support/values.ts";

const join = { t: "join", v: 1, stream: "s", session: sessionId("s"), upload: "share", player: "test" };

test.each([
  ["no JSON", "{", "JSON"],
  ["no object", "null", "Object"],
  ["a list", "[]", "t: "],
  ["an unknown type", '{"t":"destroy"}', "t: "],
  ["a field missing", JSON.stringify({ ...join, upload: undefined }), "upload"],
  ["a field of the wrong type", JSON.stringify({ ...join, stream: 5 }), "stream: "],
  ["a field too long", JSON.stringify({ ...join, stream: "x".repeat(LIMITS.streamLength + 1) }), "stream: "],
  ["a field too many", JSON.stringify({ ...join, admin: true }), "admin"],
  ["__proto__", '{"__proto__":{"t":"join"}}', "t"],
])("%s is malformed: named, and closed with 4400", async (_, text, named) => {
  const { connect, metric } = await startTracker();
  const client = await connect();
  client.sendText(text);
  const error = await client.next("error");
  expect(error.code).toBe("malformed");
  expect(error.message).toContain(named);
  expect(await client.closed).toEqual({ code: 4400, reason: "malformed" });
  expect(await metric("refusals_total", { code: "malformed" })).toBe(1);
  await expect.poll(() => metric("closes_total", { code: "4400" })).toBe(1);
});

test("a binary message is malformed", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  client.socket.send(Buffer.from(JSON.stringify(join)));
  expect((await client.closed).code).toBe(4400);
});

test("a message above the limit closes with 1009, and the tracker lives on", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  await client.join();
  client.sendText("x".repeat(LIMITS.messageBytes + 1));
  expect((await client.closed).code).toBe(1009);
  expect((await (await connect()).join()).size).toBe(1);
});

test("text that is not UTF-8 closes with 1007, and the tracker lives on", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
  expect((await client.closed).code).toBe(1007);
  await (await connect()).join();
});

test("an upgrade that breaks off, or is none, hurts nobody", async () => {
  const { connect, url } = await startTracker();
  const port = Number(new URL(url).port);
  const head = "GET /v1/signal HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
  const raw = connectTcp(port, "127.0.0.1");
  raw.write(`${head}\r\n`);
  const [answer] = await once(raw, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 4\d\d/);
  const reset = connectTcp(port, "127.0.0.1");
  reset.write(`${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}\r\n\r\n`);
  await once(reset, "data");
  reset.resetAndDestroy();
  expect((await (await connect()).join()).size).toBe(1);
});

test("too many messages: told once, then dropped, then closed with 4429", async () => {
  const { connect, metric } = await startTracker({ env: { MESSAGES_PER_SECOND: "2" }, clock: () => 1_700_000_000_000 });
  const client = await connect();
  // The burst is ten seconds' worth: 20, of which the join is one.
  await client.join();
  for (let sent = 0; sent < 19; sent++) client.send({ t: "ask", segments: ["s"] });
  for (let heard = 0; heard < 19; heard++) await client.next("digests");
  for (let sent = 0; sent < 20; sent++) client.send({ t: "ask", segments: ["dropped"] });
  expect(await client.closed).toEqual({ code: 4429, reason: "rateLimited" });
  expect(client.waiting.map((message) => ("t" in message ? message.t : "signal"))).toEqual(["error", "error"]);
  expect(await metric("refusals_total", { code: "rate-limited" })).toBe(2);
});

test("a viewer that pauses after an excess is heard again", async () => {
  let now = 1_700_000_000_000;
  const { connect } = await startTracker({ env: { MESSAGES_PER_SECOND: "2" }, clock: () => now });
  const client = await connect();
  await client.join();
  for (let sent = 0; sent < 25; sent++) client.send({ t: "ask", segments: ["s"] });
  expect((await client.next("error")).code).toBe("rate-limited");
  // A ping is counted too, and answered all the same: once the pong is here, all before it was read.
  client.socket.ping();
  await once(client.socket, "pong");
  now += 10_000;
  await client.fence();
});

test("a viewer that does not read is dropped once too much waits for it", async () => {
  const { connect, metric } = await startTracker({
    env: { MESSAGES_PER_SECOND: "10000" },
    timings: { bufferedBytes: 64 * 1024 },
  });
  const [deaf, talker] = [await connect(), await connect()];
  const { id } = await deaf.join();
  await talker.join();
  deaf.socket.pause();
  const payload = "x".repeat(LIMITS.signalLength);
  const gone = talker.next("error");
  let isGone = false;
  void gone.then(() => {
    isGone = true;
  });
  // Kernel buffers swallow a few megabytes first.
  for (let sent = 0; sent < 5000 && !isGone; sent++) {
    talker.signal(id, payload);
    if (sent % 50 === 0) await talker.fence();
  }
  expect(await gone).toMatchObject({ code: "peer-gone", peer: id });
  expect(await metric("viewers")).toBe(1);
});

test("a viewer that sends pings and does not read the answers is dropped once too much waits for it", async () => {
  const { connect, metric } = await startTracker({
    env: { MESSAGES_PER_SECOND: "10000" },
    timings: { bufferedBytes: 64 * 1024 },
  });
  const deaf = await connect();
  await deaf.join();
  deaf.socket.pause();
  const payload = Buffer.alloc(125);
  // Kernel buffers swallow a few megabytes first.
  for (let sent = 0; sent < 90_000 && (await metric("viewers")) === 1; sent += 1000) {
    for (let one = 0; one < 1000; one++) deaf.socket.ping(payload);
  }
  await expect.poll(() => metric("viewers")).toBe(0);
});

test("a viewer that answers no ping is dropped after two, one that answers is not", async () => {
  const { url, connect, metric } = await startTracker({ timings: { pingMs: 20 } });
  const alive = await connect();
  await alive.join();
  const dead = await connectClient(url, {}, { autoPong: false });
  await dead.join();
  let pings = 0;
  dead.socket.on("ping", () => {
    pings += 1;
  });
  expect((await dead.closed).code).toBe(1006);
  expect(pings).toBe(MISSED_PONGS);
  expect(await metric("viewers")).toBe(1);
  await alive.fence();
});
