import { afterEach, describe, expect, test } from "vitest";
import { PEER_LIMITS } from "../../../../player/protocol/index.ts";
import { EXPECT_MS } from "../../../../player/transport/mesh.ts";
import { fakeClock } from "./clocks.ts";
import { connect, createSignalling, neighbour, peerId, settled, tapped } from "./viewers.ts";

let net = createSignalling();
afterEach(() => {
  net.close();
  net = createSignalling();
});

describe("who is let in", () => {
  const offer = (call: string): string => JSON.stringify({ kind: "offer", call, sdp: "v=0\r\n" });

  test("a stranger's offer is ignored and counted", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    a.mesh.call(neighbour("b"));
    await Promise.all([net.sent(a.id, "offer"), net.sent(a.id, "candidate")]);
    await settled();
    expect(b.mesh.counters().strangers).toBeGreaterThan(1);
    expect(net.kinds(b.id)).toEqual([]);
  });

  test("an open link is not replaced by an offer that nobody announced", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    await connect(a, b);
    b.mesh.signal(a.id, offer("11111111111111"));
    expect(b.mesh.counters().stale).toBe(1);
    a.mesh.send(b.id, Uint8Array.of(1));
    await b.saw("message");
  });

  test("no more than maxLinks, and the rest is told", async () => {
    const a = net.viewer("a", { maxLinks: 2 });
    a.mesh.call(neighbour("b"));
    a.mesh.expect(neighbour("c"));
    a.mesh.call(neighbour("d"));
    a.mesh.expect(neighbour("e"));
    await a.until((seen) => seen.length === 2);
    expect(a.seen).toEqual([
      { t: "closed", peer: peerId("d") },
      { t: "closed", peer: peerId("e") },
    ]);
    expect(a.mesh.counters().full).toBe(2);
  });

  test("an expected offer may come for 20 s, not later", async () => {
    const clock = fakeClock();
    const [a, b] = [net.viewer("a"), net.viewer("b", { clock })];
    b.mesh.expect(neighbour("a"));
    clock.advance(EXPECT_MS - 1);
    await settled();
    expect(b.count("closed")).toBe(0);
    clock.advance(1);
    await b.saw("closed");
    a.mesh.call(neighbour("b"));
    await net.sent(a.id, "offer");
    await settled();
    expect(b.mesh.counters().strangers).toBeGreaterThan(0);
  });

  test("a call that is not answered in 15 s is given up, and the other side is told", async () => {
    const clock = fakeClock();
    const a = net.viewer("a", { clock });
    a.mesh.call(neighbour("b"));
    await net.sent(a.id, "offer");
    clock.advance(14_999);
    await settled();
    expect(a.count("closed")).toBe(0);
    clock.advance(1);
    await a.saw("closed");
    expect(net.kinds(a.id).at(-1)).toBe("bye");
  });

  test("a bye ends a call at once", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    net.filter((from) => from === a.id);
    b.mesh.expect(neighbour("a"));
    a.mesh.call(neighbour("b"));
    await net.sent(b.id, "answer");
    a.mesh.drop(b.id);
    await b.saw("closed");
  });
});

describe("what is no good", () => {
  const valid = {
    kind: "candidate",
    call: "00000000000000",
    candidate: { candidate: "c", sdpMid: "0", sdpMLineIndex: 0 },
  };
  const rubbish: readonly [string, unknown][] = [
    ["no JSON", "{"],
    ["null", "null"],
    ["another kind", JSON.stringify({ kind: "transceiverRequest", call: "00000000000000" })],
    ["no call", JSON.stringify({ kind: "offer", sdp: "v=0" })],
    ["a call of another form", JSON.stringify({ kind: "bye", call: "../../etc/passwd" })],
    ["a huge offer", JSON.stringify({ kind: "offer", call: "00000000000000", sdp: "v".repeat(16 * 1024 + 1) })],
    ["a long candidate", JSON.stringify({ ...valid, candidate: { ...valid.candidate, candidate: "c".repeat(1025) } })],
    ["a high line", JSON.stringify({ ...valid, candidate: { ...valid.candidate, sdpMLineIndex: 65 } })],
    ["no line at all", JSON.stringify({ ...valid, candidate: { candidate: "c", sdpMid: null, sdpMLineIndex: null } })],
  ];
  test.each(rubbish)("%s is ignored and counted", async (_name, payload) => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    b.mesh.expect(neighbour("a"));
    b.mesh.signal(a.id, payload as string);
    expect(b.mesh.counters()).toMatchObject({ badSignals: 1 });
    a.mesh.call(neighbour("b"));
    await Promise.all([a.saw("open"), b.saw("open")]);
  });

  test("an offer that WebRTC cannot read ends in one onClosed", async () => {
    const b = net.viewer("b");
    b.mesh.expect(neighbour("a"));
    b.mesh.signal(peerId("a"), JSON.stringify({ kind: "offer", call: "00000000000000", sdp: "nonsense" }));
    await b.saw("closed");
    await settled();
    expect(b.count("closed")).toBe(1);
  });

  test("candidates that overtake their offer are kept, but not without end", async () => {
    const [a, b] = [net.viewer("a"), net.viewer("b")];
    // A description may hold candidates as well; without them, only those that came on their own can make the link.
    const bare = (payload: string): string => payload.replaceAll(/a=candidate:.*?\\r\\n/g, "");
    const candidates: string[] = [];
    const offers: string[] = [];
    net.filter((from, _to, payload) => {
      const { kind } = JSON.parse(payload);
      if (from === a.id) (kind === "candidate" ? candidates : offers).push(bare(payload));
      else if (kind === "answer") a.mesh.signal(from, bare(payload));
      return false;
    });
    b.mesh.expect(neighbour("a"));
    for (let i = 0; i < 3; i++) b.mesh.signal(a.id, JSON.stringify({ ...valid, call: "99999999999999" }));
    a.mesh.call(neighbour("b"));
    await Promise.all([net.sent(a.id, "offer"), net.sent(a.id, "candidate")]);
    await settled();
    for (const payload of [...candidates.splice(0), ...offers]) b.mesh.signal(a.id, payload);
    await Promise.all([a.saw("open"), b.saw("open")]);
    b.mesh.expect(neighbour("c"));
    for (let i = 0; i < 40; i++) b.mesh.signal(peerId("c"), JSON.stringify(valid));
    expect(b.mesh.counters().stale).toBe(40 - 32);
  });

  test("text is dropped and counted; a frame above the limit costs the link", async () => {
    const tap = tapped();
    const a = net.viewer("a", { wrtc: tap.wrtc });
    const b = net.viewer("b");
    await connect(a, b);
    const [channel] = tap.channels;
    channel?.send("hello");
    channel?.send(Uint8Array.of(1));
    await b.saw("message");
    expect(b.mesh.counters().textMessages).toBe(1);
    expect(b.count("message")).toBe(1);
    channel?.send(new Uint8Array(PEER_LIMITS.frameBytes + 1));
    await b.saw("closed");
    expect(b.mesh.counters().oversized).toBe(1);
    expect(b.count("message")).toBe(1);
  });
});
