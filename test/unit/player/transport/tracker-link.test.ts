import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createTrackerLink, type Socket } from "../../../../player/transport/index.ts";
import { WELCOME_MS } from "../../../../player/transport/tracker-link.ts";
import {
  CLOSE_CODES,
  frameSignalFrom,
  type Join,
  LIMITS,
  type SessionId,
  type StreamId,
  type TrackerMessage,
} from "../../../../tracker/protocol/index.ts";
import { fakeClock } from "./clocks.ts";
import { peerId } from "./viewers.ts";

const JOIN: Join = {
  t: "join",
  v: 1,
  stream: "s" as StreamId,
  session: "s".repeat(22) as SessionId,
  upload: "share",
  player: "1",
};
const WELCOME: TrackerMessage = {
  t: "welcome",
  v: 1,
  id: peerId("me"),
  size: 1,
  neighbours: [],
  iceServers: [],
  policy: { mode: "share", group: "p2p", uploadBitsPerSecond: 1e6, sampleMs: 10_000 },
};

let server: WebSocketServer;
/** Sockets as the tracker sees them, in the order they came, and who waits for the next one. */
let sockets: WebSocket[] = [];
let wanted: ((socket: WebSocket) => void)[] = [];

beforeEach(async () => {
  sockets = [];
  wanted = [];
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => {
    const next = wanted.shift();
    if (next === undefined) sockets.push(socket);
    else next(socket);
  });
  await once(server, "listening");
});
afterEach(async () => {
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

const nextSocket = (): Promise<WebSocket> => {
  const there = sockets.shift();
  return there === undefined ? new Promise((resolve) => void wanted.push(resolve)) : Promise.resolve(there);
};

/** `silent`: `join` is not asked for yet. */
function start(open?: (url: string) => Socket, silent = false) {
  const clock = fakeClock();
  const log: string[] = [];
  const waiting: { line: (text: string) => boolean; resolve: () => void }[] = [];
  const note = (text: string): void => {
    log.push(text);
    for (const wait of waiting.splice(0)) {
      if (wait.line(text)) wait.resolve();
      else waiting.push(wait);
    }
  };
  const opened: WebSocket[] = [];
  const { port } = server.address() as AddressInfo;
  const link = createTrackerLink({
    url: `ws://127.0.0.1:${port}/v1/signal`,
    clock,
    // The whole bound each time, so that the waits are known.
    random: () => 1,
    open:
      open ??
      ((url) => {
        const socket = new WebSocket(url);
        opened.push(socket);
        return socket as unknown as Socket;
      }),
    events: {
      join: () => JOIN,
      onMessage: (message) => note(`message ${message.t}`),
      onSignal: (from, payload) => note(`signal ${from} ${payload}`),
      onState: (state, detail) => note(`${state} ${detail}`.trim()),
    },
  });
  if (!silent) link.join();
  const heard = (test: (text: string) => boolean): Promise<void> =>
    log.some(test) ? Promise.resolve() : new Promise((resolve) => void waiting.push({ line: test, resolve }));
  /** Waits for the line to be said from now on. */
  const hears = (text: string): Promise<void> =>
    new Promise((resolve) => void waiting.push({ line: (line) => line.startsWith(text), resolve }));
  return { link, clock, log, opened, heard, hears };
}

async function welcomed(viewer: ReturnType<typeof start>): Promise<WebSocket> {
  const up = viewer.hears("message welcome");
  const socket = await nextSocket();
  socket.send(JSON.stringify(WELCOME));
  await up;
  return socket;
}

const received = async (socket: WebSocket): Promise<string> => {
  const [data] = await once(socket, "message");
  return String(data);
};

describe("a connection", () => {
  test("opens at once, and says nothing before it is to join; later ones join at once", async () => {
    const viewer = start(undefined, true);
    const socket = await nextSocket();
    const [opened] = viewer.opened;
    if (opened === undefined) throw new Error("no socket was opened");
    if (opened.readyState !== WebSocket.OPEN) await once(opened, "open");
    const heard: string[] = [];
    socket.on("message", (data) => heard.push(String(data)));
    opened.send("before");
    viewer.link.join();
    viewer.link.join();
    opened.send("after");
    await vi.waitFor(() => expect(heard).toContain("after"));
    expect(heard).toEqual(["before", JSON.stringify(JOIN), "after"]);
    const down = viewer.hears("down");
    socket.terminate();
    await down;
    viewer.clock.advance((viewer.clock.due()[0] ?? 0) - viewer.clock.now());
    expect(JSON.parse(await received(await nextSocket()))).toEqual(JOIN);
    viewer.link.close();
  });

  test("begins with join, is up after welcome, and takes messages and signals then", async () => {
    const viewer = start();
    const socket = await nextSocket();
    expect(JSON.parse(await received(socket))).toEqual(JOIN);
    expect(viewer.link.send({ t: "more", reason: "alone", have: 0 })).toBe(false);
    socket.send(JSON.stringify(WELCOME));
    await viewer.heard((line) => line === "message welcome");
    expect(viewer.log).toEqual(["up", "message welcome"]);
    const more = received(socket);
    expect(viewer.link.send({ t: "more", reason: "alone", have: 0 })).toBe(true);
    expect(await more).toBe('{"t":"more","reason":"alone","have":0}');
    const signal = received(socket);
    expect(viewer.link.signal(peerId("b"), "{}")).toBe(true);
    expect(await signal).toBe(`>${peerId("b")}{}`);
    socket.send(frameSignalFrom(peerId("b"), "payload"));
    await viewer.heard((line) => line === `signal ${peerId("b")} payload`);
    viewer.link.close();
    await once(socket, "close");
  });

  test("ignores and counts what is not of the protocol", async () => {
    const viewer = start();
    const socket = await welcomed(viewer);
    const swarm = (size: unknown): string => JSON.stringify({ t: "swarm", size });
    const rubbish = [
      "{",
      "null",
      '{"t":"evil"}',
      swarm(-1),
      "<short",
      `<${"!".repeat(22)}payload`,
      swarm(1) + " ".repeat(LIMITS.messageBytes),
      Buffer.from(swarm(2)),
    ];
    for (const message of rubbish) socket.send(message);
    socket.send(swarm(3));
    await viewer.heard((line) => line === "message swarm");
    expect(viewer.link.ignored()).toBe(rubbish.length);
    expect(viewer.log).toEqual(["up", "message welcome", "message swarm"]);
    viewer.link.close();
  });

  test("is closed before it is open without a word", async () => {
    const viewer = start();
    viewer.link.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(viewer.opened).toEqual([]);
    const second = start();
    await new Promise((resolve) => setImmediate(resolve));
    second.link.close();
    expect(second.opened).toHaveLength(1);
    expect(second.log).toEqual([]);
    expect(second.clock.due()).toEqual([]);
  });
});

describe("a lost connection", () => {
  test("comes back after 0.5 s, 1 s, 2 s ... 15 s at most, and says down once", async () => {
    const viewer = start();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      (await nextSocket()).terminate();
      await once(viewer.opened[i] as WebSocket, "close");
      const wait = (viewer.clock.due()[0] ?? 0) - viewer.clock.now();
      waits.push(wait);
      viewer.clock.advance(wait);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(viewer.log).toEqual(["down closed with code 1006"]);
    viewer.link.close();
  });

  test("spreads its return over 2 s when it was welcome, over longer when that was for less than 10 s", async () => {
    const viewer = start();
    const waits: number[] = [];
    for (const upMs of [0, 9_999, 10_000]) {
      const socket = await welcomed(viewer);
      viewer.clock.advance(upMs);
      const down = viewer.hears("down");
      socket.close();
      await down;
      const wait = (viewer.clock.due()[0] ?? 0) - viewer.clock.now();
      waits.push(wait);
      viewer.clock.advance(wait);
    }
    expect(waits).toEqual([2000, 4000, 2000]);
    expect(viewer.link.send({ t: "more", reason: "lost", have: 1 })).toBe(false);
    viewer.link.close();
  });

  test.each([CLOSE_CODES.full, CLOSE_CODES.rateLimited])("waits longer after close code %i", async (code) => {
    const viewer = start();
    const socket = await welcomed(viewer);
    const down = viewer.hears("down");
    socket.close(code, "come later");
    await down;
    expect(viewer.log.at(-1)).toBe("down come later");
    expect(viewer.clock.due()).toEqual([8000]);
    viewer.link.close();
  });

  test.each([
    CLOSE_CODES.malformed,
    CLOSE_CODES.unauthorised,
    CLOSE_CODES.originNotAllowed,
    CLOSE_CODES.unsupportedVersion,
  ])("is not tried again after close code %i", async (code) => {
    const viewer = start();
    const socket = await welcomed(viewer);
    const refused = viewer.hears("refused");
    socket.close(code, "no");
    await refused;
    expect(viewer.clock.due()).toEqual([]);
    expect(viewer.link.send({ t: "more", reason: "lost", have: 1 })).toBe(false);
  });

  test("a tracker that never says welcome is given up and tried again", async () => {
    const viewer = start();
    const first = await nextSocket();
    await received(first);
    const closed = once(first, "close");
    viewer.clock.advance(WELCOME_MS);
    await closed;
    expect(viewer.log).toEqual(["down no welcome in time"]);
    viewer.clock.advance(500);
    await welcomed(viewer);
    viewer.link.close();
  });

  test("a socket that may not be opened at all is refused", async () => {
    const viewer = start(() => {
      throw new Error("insecure");
    });
    await viewer.heard((line) => line === "refused insecure");
    expect(viewer.clock.due()).toEqual([]);
  });
});

test("the wait is spread evenly below its bound", async () => {
  const { createBackoff } = await import("../../../../player/transport/backoff.ts");
  const backoff = createBackoff(() => 0.25);
  expect([backoff.next(), backoff.next(), backoff.next()]).toEqual([125, 250, 500]);
  backoff.reset();
  expect(backoff.next()).toBe(125);
});
