import { describe, expect, test } from "vitest";
import { createFlow, FLOW } from "../../../../player/transport/flow.ts";
import { fakeClock } from "./clocks.ts";

/** A send buffer as browsers have it: it fills at once, drains when told, and tells of the low watermark. */
function browserChannel() {
  let buffered = 0;
  let low: { bytes: number; listener: () => void } | undefined;
  return {
    peer: {
      send(bytes: Uint8Array) {
        buffered += bytes.byteLength;
      },
      buffered: () => buffered,
      onLow(bytes: number, listener: () => void) {
        low = { bytes, listener };
        return true;
      },
    },
    drain(bytes: number) {
      const before = buffered;
      buffered = Math.max(0, buffered - bytes);
      if (low !== undefined && before > low.bytes && buffered <= low.bytes) low.listener();
    },
  };
}

/** A send buffer as @roamhq/wrtc has it: it shows what was sent only in a later turn, and tells of nothing. */
function lazyChannel() {
  let actual = 0;
  let shown = 0;
  return {
    peer: {
      send(bytes: Uint8Array) {
        actual += bytes.byteLength;
      },
      buffered: () => shown,
      onLow: () => false,
    },
    show() {
      shown = actual;
    },
    drain(bytes: number) {
      actual = Math.max(0, actual - bytes);
      shown = actual;
    },
  };
}

const BLOCK = new Uint8Array(64 * 1024);
const microtasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function flowOver(peer: Parameters<typeof createFlow>[0]["peer"]) {
  const clock = fakeClock();
  const told: string[] = [];
  const flow = createFlow({
    peer,
    clock,
    onWritable: () => told.push("writable"),
    onBroken: () => told.push("broken"),
  });
  const fill = (): number => {
    let sent = 0;
    while (flow.send(BLOCK)) sent += BLOCK.byteLength;
    return sent;
  };
  return { flow, clock, told, fill };
}

describe("with a channel that tells", () => {
  test("takes up to the cap, and is writable once when one block is left", () => {
    const channel = browserChannel();
    const { told, fill } = flowOver(channel.peer);
    expect(fill()).toBe(FLOW.hardBytes);
    channel.drain(FLOW.hardBytes - FLOW.lowBytes - 1);
    expect(told).toEqual([]);
    channel.drain(1);
    expect(told).toEqual(["writable"]);
    channel.drain(FLOW.lowBytes);
    expect(told).toEqual(["writable"]);
  });

  test("runs no timer", () => {
    const channel = browserChannel();
    const { clock, fill } = flowOver(channel.peer);
    fill();
    expect(clock.due()).toEqual([]);
  });

  test("the watermark itself is low enough: the caller hears of it although the channel says nothing", async () => {
    const channel = browserChannel();
    const { flow, told } = flowOver(channel.peer);
    flow.send(new Uint8Array(FLOW.lowBytes));
    expect(told).toEqual([]);
    await microtasks();
    expect(told).toEqual(["writable"]);
  });

  test("what was sent meanwhile delays the news until the buffer is low again", async () => {
    const channel = browserChannel();
    const { flow, told } = flowOver(channel.peer);
    flow.send(new Uint8Array(FLOW.lowBytes));
    flow.send(BLOCK);
    await microtasks();
    expect(told).toEqual([]);
    channel.drain(BLOCK.byteLength);
    expect(told).toEqual(["writable"]);
  });
});

describe("with a channel that does not tell", () => {
  test("keeps to the cap within one turn, though the channel still shows an empty buffer", () => {
    const { fill } = flowOver(lazyChannel().peer);
    expect(fill()).toBe(FLOW.hardBytes);
  });

  test("polls until the buffer is low, then no longer", () => {
    const channel = lazyChannel();
    const { clock, told, fill } = flowOver(channel.peer);
    fill();
    channel.show();
    clock.advance(FLOW.pollMs * 5);
    expect(told).toEqual([]);
    expect(fill()).toBe(0);
    channel.drain(FLOW.hardBytes);
    clock.advance(FLOW.pollMs * 2);
    expect(told).toEqual(["writable"]);
    expect(clock.due()).toEqual([]);
  });
});

test("a channel that throws is broken", () => {
  const { flow, told } = flowOver({
    ...browserChannel().peer,
    send() {
      throw new Error("InvalidStateError");
    },
  });
  expect(flow.send(BLOCK)).toBe(false);
  expect(told).toEqual(["broken"]);
});

test("says nothing after stop", async () => {
  const channel = lazyChannel();
  const { flow, clock, told } = flowOver(channel.peer);
  flow.send(new Uint8Array(10));
  flow.stop();
  await microtasks();
  clock.advance(1000);
  expect(told).toEqual([]);
  expect(flow.send(BLOCK)).toBe(false);
});
