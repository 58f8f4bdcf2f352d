import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { WEBTORRENT_LIMITS } from "../../../../tracker/webtorrent/limits.ts";
import { startTracker } from "../support/tracker.ts";

type Message = Readonly<Record<string, unknown>>;

const hash = (name: string): string => name.padEnd(20, "ÿ");
const offer = (id: string) => ({ offer: { type: "offer", sdp: "v=0\r\n" }, offer_id: hash(id) });

/** A tracker, and how to come to it as a WebTorrent client. */
async function start(env: Record<string, string> = {}) {
  const running = await startTracker({ env });
  const server = createServer();
  server.on("upgrade", running.tracker.announce ?? (() => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/announce`;
  const client = async (id: string) => {
    const socket = new WebSocket(url);
    const heard: Message[] = [];
    socket.on("message", (data) => heard.push(JSON.parse(String(data)) as Message));
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    onTestFinished(() => socket.terminate());
    const send = (message: Message): void => socket.send(JSON.stringify(message));
    const announce = (fields: Message = {}): void =>
      send({ action: "announce", info_hash: hash("film"), peer_id: hash(id), numwant: 5, offers: [], ...fields });
    const next = async (has: string): Promise<Message> => {
      await expect.poll(() => heard.some((message) => has in message)).toBe(true);
      const [found = {}] = heard.splice(
        heard.findIndex((message) => has in message),
        1,
      );
      return found;
    };
    /** Settles when everything sent before was handled, and what it caused has arrived. */
    const fence = async (): Promise<void> => {
      send({ action: "scrape", info_hash: hash("fence") });
      await next("files");
    };
    return { socket, heard, closed, send, announce, next, fence };
  };
  return { ...running, client };
}

test("a newcomer's offer reaches one who is there, its answer comes back, and counts are told", async () => {
  const { client, metric } = await start();
  const [first, second] = [await client("first"), await client("second")];
  first.announce({ event: "started", left: 0 });
  expect(await first.next("complete")).toEqual({
    ...{ action: "announce", info_hash: hash("film"), interval: 60, complete: 1, incomplete: 0 },
  });
  second.announce({ event: "started", left: null, offers: [offer("o1"), offer("o2")] });
  expect(await second.next("complete")).toMatchObject({ complete: 1, incomplete: 1 });
  const got = await first.next("offer");
  expect(got).toEqual({ action: "announce", info_hash: hash("film"), peer_id: hash("second"), ...offer("o1") });
  const answer = { type: "answer", sdp: "v=0" };
  first.announce({ to_peer_id: got.peer_id, offer_id: got.offer_id, answer });
  expect(await second.next("answer")).toEqual({
    ...{ action: "announce", info_hash: hash("film"), peer_id: hash("first"), offer_id: hash("o1"), answer },
  });
  await first.fence();
  // One offer for each who is there, and none to oneself.
  expect([...first.heard, ...second.heard]).toEqual([]);
  expect(await metric("webtorrent_relays_total", { what: "offer" })).toBe(1);
});

test("clients of another info hash are not met; who stops or leaves is out", async () => {
  const { client } = await start();
  const [here, there, gone] = [await client("here"), await client("there"), await client("gone")];
  here.announce();
  gone.announce();
  there.announce({ info_hash: hash("other"), offers: [offer("o")] });
  await there.fence();
  gone.announce({ event: "stopped" });
  await gone.fence();
  there.socket.close();
  await there.closed;
  await expect
    .poll(async () => {
      here.send({ action: "scrape", info_hash: [hash("film"), hash("other")] });
      return (await here.next("files")).files;
    })
    .toEqual({
      [hash("film")]: { complete: 0, incomplete: 1, downloaded: 0 },
      [hash("other")]: { complete: 0, incomplete: 0, downloaded: 0 },
    });
  expect(here.heard.filter((message) => "offer" in message)).toEqual([]);
});

test("a peer id that a living socket holds cannot be taken over, nor used to answer for it", async () => {
  const { client, metric } = await start();
  const [owner, thief, caller] = [await client("owner"), await client("owner"), await client("caller")];
  owner.announce();
  await owner.next("complete");
  thief.announce({ event: "started" });
  expect(await thief.next("failure reason")).toMatchObject({
    "failure reason": expect.stringMatching(/^peer-id-taken/),
  });
  caller.announce({ offers: [offer("call")] });
  const got = await owner.next("offer");
  const forged = { to_peer_id: got.peer_id, offer_id: got.offer_id, answer: { type: "answer", sdp: "mine" } };
  thief.announce(forged);
  await thief.next("failure reason");
  thief.announce({ event: "stopped" });
  await thief.fence();
  // The right one answers, once.
  owner.announce({ ...forged, answer: { type: "answer", sdp: "true" } });
  expect(await caller.next("answer")).toMatchObject({ answer: { sdp: "true" } });
  owner.announce(forged);
  expect(await owner.next("failure reason")).toMatchObject({
    "failure reason": expect.stringMatching(/^unknown-offer/),
  });
  expect(caller.heard.filter((message) => "answer" in message)).toEqual([]);
  expect(await metric("webtorrent_refusals_total", { reason: "peer-id-taken" })).toBe(2);
});

test("a bystander cannot answer an offer that was made to another", async () => {
  const { client } = await start();
  const [callee, caller, bystander] = [await client("callee"), await client("caller"), await client("bystander")];
  callee.announce();
  await callee.next("complete");
  caller.announce({ offers: [offer("call")] });
  await callee.next("offer");
  bystander.announce();
  await bystander.next("complete");
  bystander.announce({ to_peer_id: hash("caller"), offer_id: hash("call"), answer: { type: "answer", sdp: "x" } });
  expect(await bystander.next("failure reason")).toMatchObject({
    "failure reason": expect.stringMatching(/^unknown-offer/),
  });
  await caller.fence();
  expect(caller.heard.filter((message) => "answer" in message)).toEqual([]);
});

test.each([
  ["no JSON", "{"],
  ["no object", "null"],
  ["an unknown action", JSON.stringify({ action: "drop" })],
  ["a short info hash", JSON.stringify({ action: "announce", info_hash: "x", peer_id: hash("a") })],
  ["a peer id of the wrong type", JSON.stringify({ action: "announce", info_hash: hash("f"), peer_id: 5 })],
  [
    "too many offers",
    JSON.stringify({
      ...{ action: "announce", info_hash: hash("f"), peer_id: hash("a") },
      offers: Array.from({ length: WEBTORRENT_LIMITS.offers + 1 }, (_, i) => offer(`${i}`)),
    }),
  ],
  [
    "an SDP too long",
    JSON.stringify({
      ...{ action: "announce", info_hash: hash("f"), peer_id: hash("a") },
      offers: [{ offer_id: hash("o"), offer: { type: "offer", sdp: "x".repeat(WEBTORRENT_LIMITS.sdpLength + 1) } }],
    }),
  ],
  [
    "an answer without addressee",
    JSON.stringify({ action: "announce", info_hash: hash("f"), peer_id: hash("a"), answer: {} }),
  ],
  ["too many hashes to scrape", JSON.stringify({ action: "scrape", info_hash: Array(99).fill(hash("f")) })],
])("%s is malformed, said so, and the socket lives on", async (_, text) => {
  const { client, metric } = await start();
  const hostile = await client("hostile");
  hostile.socket.send(text);
  expect(await hostile.next("failure reason")).toMatchObject({ "failure reason": expect.stringMatching(/^malformed/) });
  hostile.announce();
  await hostile.next("complete");
  expect(await metric("webtorrent_refusals_total", { reason: "malformed" })).toBe(1);
});

test("what a client adds to an offer is not passed on", async () => {
  const { client } = await start();
  const [callee, caller] = [await client("callee"), await client("caller")];
  callee.announce();
  await callee.next("complete");
  caller.announce({ offers: [{ ...offer("o"), extra: "x", offer: { ...offer("o").offer, extra: "y" } }] });
  expect(await callee.next("offer")).toEqual({
    ...{ action: "announce", info_hash: hash("film"), peer_id: hash("caller") },
    ...offer("o"),
  });
});

test("a message of 1 MB closes with 1009; a flood closes with 4429; the others live on", async () => {
  const { client } = await start({ MESSAGES_PER_SECOND: "1" });
  const [large, flood, calm] = [await client("large"), await client("flood"), await client("calm")];
  large.socket.send("x".repeat(1024 * 1024));
  expect(await large.closed).toBe(1009);
  for (let sent = 0; sent < 30; sent++) flood.announce();
  expect(await flood.closed).toBe(4429);
  calm.announce();
  expect(await calm.next("complete")).toMatchObject({ incomplete: 1 });
});

test("one socket is in a bounded number of swarms", async () => {
  const { client } = await start();
  const greedy = await client("greedy");
  for (let i = 0; i <= WEBTORRENT_LIMITS.swarmsPerSocket; i++) greedy.announce({ info_hash: hash(`film ${i}`) });
  expect(await greedy.next("failure reason")).toMatchObject({
    "failure reason": expect.stringMatching(/^too-many-swarms/),
  });
});

test("under P2P_MODE=off clients are counted and nobody meets anybody", async () => {
  const { client } = await start({ P2P_MODE: "off" });
  const [one, two] = [await client("one"), await client("two")];
  one.announce();
  await one.next("complete");
  two.announce({ offers: [offer("o")] });
  expect(await two.next("complete")).toMatchObject({ incomplete: 2 });
  await one.fence();
  expect(one.heard).toEqual([]);
});

test("a page of another origin is turned away; a tracker that drains sends everybody away", async () => {
  const listed = await start({ ALLOWED_ORIGINS: "https://site.example" });
  expect(await (await listed.client("stranger")).closed).toBe(4403);
  const { client, tracker } = await start();
  const there = await client("there");
  there.announce();
  await there.next("complete");
  await tracker.drain();
  expect(await there.closed).toBe(4503);
});

test("addresses of clients are logged when LOG_ADDRESSES asks for it, and not otherwise", async () => {
  for (const [setting, address] of [
    ["off", undefined],
    ["on", "127.0.0.1"],
  ] as const) {
    const { client, logged } = await start({ LOG_ADDRESSES: setting });
    await client("there");
    const opened = logged.map((line) => JSON.parse(line) as Message).find(({ msg }) => msg === "socket opened");
    expect(opened).toMatchObject({ connection: "w0" });
    expect(opened?.address).toBe(address);
  }
});

test("WEBTORRENT=off leaves the address to nobody", async () => {
  const { tracker } = await startTracker({ env: { WEBTORRENT: "off" } });
  expect(tracker.announce).toBeUndefined();
});
