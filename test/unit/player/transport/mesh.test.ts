import { afterEach, describe, expect, test, vi } from "vitest";
import { PEER_LIMITS } from "../../../../player/protocol/index.ts";
import type { CallId } from "../../../../player/transport/signals.ts";
import { fakeClock } from "./clocks.ts";
import {
  connect,
  createSignalling,
  type NativeConnection,
  neighbour,
  peerId,
  settled,
  tapped,
  type Viewer,
  wrtc,
} from "./viewers.ts";

let net = createSignalling();
afterEach(() => {
  net.close();
  net = createSignalling();
});

const bytesOf = (viewer: Viewer): number =>
  viewer.seen.reduce((sum, event) => sum + (event.t === "message" ? event.bytes.byteLength : 0), 0);

test("a neighbour that moved to another tracker process keeps its link, and signals find it there", async () => {
  let changeNetwork = (): void => undefined;
  const networkChange = (listener: () => void) => {
    changeNetwork = listener;
    return () => undefined;
  };
  const [a, b] = [net.viewer("a", { networkChange }), net.viewer("b")];
  await connect(a, b);
  const moved = { ...neighbour("b"), id: b.id.replace("node", "new1") as typeof b.id };
  a.mesh.expect(moved);
  a.mesh.call(moved);
  const before = net.log.length;
  changeNetwork();
  await net.sent(a.id, "offer", 2);
  expect(new Set(net.log.slice(before).map(({ to }) => to))).toEqual(new Set([moved.id]));
  expect(a.mesh.send(b.id, Uint8Array.of(1))).toBe(true);
  await b.saw("message");
  a.mesh.drop(b.id);
  await a.saw("closed");
  expect([a.count("open"), a.count("closed")]).toEqual([1, 1]);
});

describe("a link", () => {
  test("opens on both sides with nearness and path, and carries a block with its head both ways", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    await connect(a, b);
    expect(a.seen[0]).toEqual({ t: "open", peer: b.id, near: "lan", path: "direct" });
    const frame = Uint8Array.from({ length: PEER_LIMITS.frameBytes }, (_, i) => i % 251);
    expect(a.mesh.send(b.id, frame)).toBe(true);
    expect(b.mesh.send(a.id, frame.subarray(7, 1000))).toBe(true);
    await Promise.all([a.saw("message"), b.saw("message")]);
    const got = b.seen.find((event) => event.t === "message");
    expect(got?.t === "message" && Buffer.compare(got.bytes, frame)).toBe(0);
    expect(got?.t === "message" && got.bytes.constructor).toBe(Uint8Array);
    expect(bytesOf(a)).toBe(993);
  });

  test("delivers what the other side said before this side knew the path, in order and after onOpen", async () => {
    const slow = fakeClock();
    // Relayed or unknown at first sight means a second look; this statistics stub never tells.
    let looks = 0;
    class Unsure extends wrtc.RTCPeerConnection {
      override async getStats(): Promise<unknown> {
        const stats = (await super.getStats()) as Map<string, { type: string }>;
        // The first look is simple-peer's own and decides that the link is connected.
        looks += 1;
        return looks === 1 ? stats : new Map();
      }
    }
    const a = net.viewer("a");
    const b = net.viewer("b", { wrtc: { ...wrtc, RTCPeerConnection: Unsure }, clock: slow });
    b.mesh.expect(neighbour("a"));
    a.mesh.call(neighbour("b"));
    await a.saw("open");
    for (let i = 0; i < 3; i++) a.mesh.send(b.id, Uint8Array.of(i));
    while (!slow.due().includes(500)) await settled();
    expect(b.count("open")).toBe(0);
    slow.advance(500);
    await b.until((seen) => seen.filter((event) => event.t === "message").length === 3);
    expect(b.seen.map((event) => (event.t === "message" ? event.bytes[0] : event.t))).toEqual(["open", 0, 1, 2]);
    expect(b.seen[0]).toMatchObject({ path: "direct" });
  });

  test("never asks ICE servers that nobody named", async () => {
    const configs: RTCConfiguration[] = [];
    class Recorder extends wrtc.RTCPeerConnection {
      constructor(config: RTCConfiguration) {
        super(config);
        configs.push(config);
      }
    }
    const a = net.viewer("a", { wrtc: { ...wrtc, RTCPeerConnection: Recorder } });
    a.mesh.call(neighbour("b"));
    a.mesh.setIceServers([{ urls: ["stun:127.0.0.1:9"] }, { urls: ["turn:127.0.0.1:9"] }, { urls: ["http://x/"] }]);
    a.mesh.call(neighbour("c"));
    await vi.waitFor(() => expect(configs).toHaveLength(2));
    expect(configs.map((config) => config.iceServers)).toEqual([[], [{ urls: ["stun:127.0.0.1:9"] }]]);
  });

  test.each([
    [30, [0, 330, 660]],
    [400, [0, 2400, 4800]],
    [0, [0, 0, 0]],
  ])("that takes %d ms to make is followed by a rest before the next one", (ms, starts) => {
    const clock = fakeClock();
    const made: number[] = [];
    class Slow extends wrtc.RTCPeerConnection {
      constructor(config: RTCConfiguration) {
        super(config);
        made.push(clock.now());
        clock.advance(ms);
      }
    }
    const a = net.viewer("a", { clock, wrtc: { ...wrtc, RTCPeerConnection: Slow } });
    for (const name of ["b", "c", "d"]) a.mesh.call(neighbour(name));
    clock.advance(4400);
    expect(made).toEqual(starts);
  });

  test("is not made to one who left, or who called, before its turn came", () => {
    const clock = fakeClock();
    let made = 0;
    class Slow extends wrtc.RTCPeerConnection {
      constructor(config: RTCConfiguration) {
        super(config);
        made++;
        clock.advance(30);
      }
    }
    const a = net.viewer("a", { clock, wrtc: { ...wrtc, RTCPeerConnection: Slow } });
    for (const name of ["b", "c", "d", "e"]) a.mesh.call(neighbour(name));
    a.mesh.drop(peerId("c"));
    a.mesh.signal(peerId("d"), JSON.stringify({ kind: "offer", call: "00000000000000", sdp: "v=0" }));
    expect(made).toBe(2);
    clock.advance(1000);
    expect(made).toBe(3);
    a.mesh.close();
    clock.advance(1000);
    expect(made).toBe(3);
  });

  test("survives an ICE restart from either side", async () => {
    const change: (() => void)[] = [];
    const networkChange = (listener: () => void) => {
      change.push(listener);
      return () => undefined;
    };
    const [a, b] = [net.viewer("a", { networkChange }), net.viewer("b", { networkChange })];
    await connect(a, b);
    for (const [round, listener] of change.entries()) {
      listener();
      await net.sent(b.id, "answer", round + 2);
    }
    expect(net.kinds(b.id)).toContain("renegotiate");
    const ufrags = net.log
      .map((entry) => JSON.parse(entry.payload))
      .filter((signal) => signal.kind === "offer")
      .map((signal) => /a=ice-ufrag:(\S+)/.exec(signal.sdp)?.[1]);
    expect(new Set(ufrags).size).toBe(3);
    a.mesh.send(b.id, new Uint8Array(PEER_LIMITS.frameBytes));
    await b.saw("message");
    expect(a.count("closed") + b.count("closed")).toBe(0);
  });
});

describe("flow control", () => {
  test("refuses what goes above the cap, says when there is room, and loses nothing", async () => {
    const tap = tapped();
    const [a, b] = [net.viewer("a", { wrtc: tap.wrtc }), net.viewer("b")];
    await connect(a, b);
    const frame = new Uint8Array(64 * 1024);
    const total = 8 * 1024 * 1024;
    let sent = 0;
    let refused = 0;
    let most = 0;
    while (sent < total) {
      const writable = a.count("writable");
      while (sent < total && a.mesh.send(b.id, frame)) sent += frame.byteLength;
      // The binding shows what it holds in a later turn only.
      await settled();
      most = Math.max(most, tap.channels[0]?.bufferedAmount ?? 0);
      if (sent < total) {
        refused += 1;
        await a.until((seen) => seen.filter((event) => event.t === "writable").length > writable);
      }
    }
    await b.until(() => bytesOf(b) === total);
    expect(refused).toBeGreaterThan(5);
    expect(tap.channels).toHaveLength(1);
    expect(most).toBeLessThanOrEqual(1024 * 1024);
  });

  test("says that there is room after a small message as well, once for a burst", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    await connect(a, b);
    for (let i = 0; i < 5; i++) a.mesh.send(b.id, new Uint8Array(100));
    expect(a.count("writable")).toBe(0);
    await a.saw("writable");
    expect(a.count("writable")).toBe(1);
  });
});

describe("two that call each other at once", () => {
  const order = [
    ["00000000000000", "zzzzzzzzzzzzzz"],
    ["zzzzzzzzzzzzzz", "00000000000000"],
  ] as const;
  test.each(order)("get one link, whichever call stands (%s, %s)", async (idA, idB) => {
    const a = net.viewer("a", { makeCallId: () => idA as CallId });
    const b = net.viewer("b", { makeCallId: () => idB as CallId });
    // Nothing arrives before both have spoken, so that the offers cross.
    const held: (() => void)[] = [];
    net.filter((from, to, payload) => {
      held.push(() => (to === a.id ? a : b).mesh.signal(from, payload));
      return false;
    });
    a.mesh.call(neighbour("b"));
    b.mesh.call(neighbour("a"));
    await Promise.all([net.sent(a.id, "offer"), net.sent(b.id, "offer")]);
    await settled();
    net.filter(() => true);
    for (const deliver of held) deliver();
    await Promise.all([a.saw("open"), b.saw("open")]);
    a.mesh.send(b.id, Uint8Array.of(1));
    b.mesh.send(a.id, Uint8Array.of(2));
    await Promise.all([a.saw("message"), b.saw("message")]);
    const offers = net.log.filter((entry) => JSON.parse(entry.payload).kind === "offer");
    const answers = net.log.filter((entry) => JSON.parse(entry.payload).kind === "answer");
    expect(offers).toHaveLength(2);
    expect(answers.map((entry) => JSON.parse(entry.payload).call)).toEqual(["00000000000000"]);
    expect([a.count("open"), b.count("open"), a.count("closed"), b.count("closed")]).toEqual([1, 1, 0, 0]);
  });
});

describe("the end of a link", () => {
  test("drop is told on both sides, once, and never from inside the call", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    await connect(a, b);
    a.mesh.drop(b.id);
    expect(a.count("closed")).toBe(0);
    expect(a.mesh.send(b.id, Uint8Array.of(1))).toBe(false);
    await Promise.all([a.saw("closed"), b.saw("closed")]);
    a.mesh.drop(b.id);
    await settled();
    expect([a.count("closed"), b.count("closed")]).toEqual([1, 1]);
  });

  test("a neighbour that vanishes without a word is noticed", async () => {
    const made: NativeConnection[] = [];
    class Kept extends wrtc.RTCPeerConnection {
      constructor(config: RTCConfiguration) {
        super(config);
        made.push(this);
      }
    }
    const a = net.viewer("a", { wrtc: { ...wrtc, RTCPeerConnection: Kept } });
    const b = net.viewer("b");
    await connect(a, b);
    net.filter(() => false);
    for (const connection of made) connection.close();
    await b.saw("closed");
    expect(b.count("closed")).toBe(1);
  });

  test("the two can be introduced again, although one still holds the old link", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    await connect(a, b);
    // A second life of the same viewer: `b` has heard nothing of the end of the first.
    const again = net.viewer("a");
    b.mesh.expect(neighbour("a", "far"));
    again.mesh.call(neighbour("b"));
    await again.saw("open");
    await b.until((seen) => seen.filter((event) => event.t === "open").length === 2);
    expect(b.seen.map((event) => event.t)).toEqual(["open", "closed", "open"]);
    a.mesh.close();
  });

  test("close says nothing more and refuses all", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    await connect(a, b);
    a.mesh.close();
    a.mesh.call(neighbour("c"));
    a.mesh.drop(b.id);
    await b.saw("closed");
    expect(a.seen.map((event) => event.t)).toEqual(["open"]);
  });
});
