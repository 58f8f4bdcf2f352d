import { expect, test } from "vitest";
import { LIMITS, PEER_ID_LENGTH } from "../../../../tracker/protocol/index.ts";
import { type Running, startTracker } from "../support/tracker.ts";
import { peerId } from "../support/values.ts";

async function twoNeighbours({ connect }: Running) {
  const [first, second] = [await connect(), await connect()];
  const a = await first.join();
  const b = await second.join();
  await first.next("introduced");
  return { first, second, a: a.id, b: b.id };
}

test("signals pass unread between two who were introduced, both ways, with the true sender", async () => {
  const running = await startTracker();
  const { first, second, a, b } = await twoNeighbours(running);
  const odd = `{"sdp":"not\\njson, ünicode ${"\u{1F600}"}`;
  second.signal(a, odd);
  expect(await first.nextSignal()).toEqual({ peer: b, payload: odd });
  first.signal(b, "answer");
  expect(await second.nextSignal()).toEqual({ peer: a, payload: "answer" });
  expect(await running.metric("relays_total", { path: "local" })).toBe(2);
});

test("signals of one viewer keep their order", async () => {
  const { first, second, a } = await twoNeighbours(await startTracker());
  const payloads = Array.from({ length: 100 }, (_, index) => `candidate ${index}`);
  for (const payload of payloads) second.signal(a, payload);
  const received: string[] = [];
  while (received.length < payloads.length) received.push((await first.nextSignal()).payload);
  expect(received).toEqual(payloads);
});

test("a viewer of another stream is a stranger: refused, and not reached", async () => {
  const { connect } = await startTracker();
  const [first, stranger] = [await connect(), await connect()];
  const a = await first.join();
  await stranger.join({ stream: "elsewhere" as never });
  stranger.signal(a.id, "let me in");
  expect(await stranger.next("error")).toMatchObject({ code: "not-introduced", peer: a.id });
  await first.fence();
  expect(first.waiting).toEqual([]);
});

test("a viewer of the same swarm that was not introduced is a stranger too", async () => {
  const { connect } = await startTracker({ env: { NEIGHBOURS: "1" } });
  const ids: string[] = [];
  for (let viewer = 0; viewer < 3; viewer++) ids.push((await (await connect()).join()).id);
  const last = await connect();
  const { neighbours } = await last.join();
  const unknown = ids.filter((id) => id !== neighbours[0]?.id);
  for (const id of unknown) last.signal(id as never, "hello");
  for (const id of unknown) expect(await last.next("error")).toMatchObject({ code: "not-introduced", peer: id });
});

test("an id that nobody has is not-introduced, so that ids cannot be tried out", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  const { id } = await client.join();
  client.signal(peerId("invented", id.slice(0, 4)), "hello");
  expect((await client.next("error")).code).toBe("not-introduced");
  client.signal(id, "hello me");
  expect((await client.next("error")).code).toBe("not-introduced");
});

test("a neighbour that left is peer-gone, with its id", async () => {
  const { first, second, a } = await twoNeighbours(await startTracker());
  await first.close();
  second.signal(a, "still there?");
  expect(await second.next("error")).toMatchObject({ code: "peer-gone", peer: a });
});

test.each([
  ["an empty payload", (peer: string) => `>${peer}`],
  ["a payload above the limit", (peer: string) => `>${peer}${"x".repeat(LIMITS.signalLength + 1)}`],
  ["no proper id", () => `>${"!".repeat(PEER_ID_LENGTH)}payload`],
])("a signal with %s is malformed", async (_, frame) => {
  const { second, a } = await twoNeighbours(await startTracker());
  second.sendText(frame(a));
  expect((await second.next("error")).code).toBe("malformed");
  expect((await second.closed).code).toBe(4400);
});

test("the largest signal passes", async () => {
  const { first, second, a } = await twoNeighbours(await startTracker());
  // Three bytes each in UTF-8: the most that 16384 UTF-16 units can weigh.
  const payload = "\u20ac".repeat(LIMITS.signalLength);
  second.signal(a, payload);
  expect((await first.nextSignal()).payload).toBe(payload);
});

test("who will call is told with the call, ahead of it, and not before", async () => {
  const { connect } = await startTracker({ timings: { newsMs: 60_000, sizeSettleMs: 60_000 } });
  const [called, caller] = [await connect(), await connect()];
  const a = await called.join();
  const order: string[] = [];
  called.socket.on("message", (data) => order.push(/"t":"(\w+)"/.exec(String(data))?.[1] ?? "signal"));
  const b = await caller.join();
  await caller.fence();
  expect(order).toEqual([]);
  caller.signal(a.id, "offer");
  expect(await called.nextSignal()).toEqual({ peer: b.id, payload: "offer" });
  expect(order).toEqual(["introduced", "signal"]);
});

test("news that nothing takes along comes by itself", async () => {
  const { connect } = await startTracker({ timings: { newsMs: 20, sizeSettleMs: 60_000 } });
  const [called, caller] = [await connect(), await connect()];
  await called.join();
  const { id } = await caller.join();
  expect((await called.next("introduced")).neighbour.id).toBe(id);
});

test("a viewer whom very many are to call hears of them without waiting", async () => {
  const { connect } = await startTracker({ timings: { newsMs: 60_000, sizeSettleMs: 60_000 } });
  const called = await connect();
  await called.join();
  // Each leaves before it calls, so that its link is free for the next one.
  for (let caller = 0; caller < 32; caller++) {
    const client = await connect();
    await client.join();
    await client.close();
  }
  expect(called.waiting.filter((message) => "t" in message && message.t === "introduced")).toHaveLength(32);
});

test("what was said before a viewer closed still comes before the closing frame", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  await client.join();
  client.signal(peerId("stranger"), "payload");
  client.socket.close();
  await client.closed;
  expect(client.waiting.at(-1)).toMatchObject({ t: "error", code: "not-introduced" });
});
