import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { type Frame, PEER_LIMITS } from "../../../player/protocol/index.ts";
import { createQueue } from "../../sim/queue.ts";
import { createDevice, createDirection, type Direction, shut, transmit } from "../../sim/wire.ts";

const line = { kind: "test", down: 80_000_000, up: 8_000_000, latencyMs: 10, upload: "share" } as const;
const block = (index: number): Frame => ({ t: "block", id: 1, index, bytes: new Uint8Array(PEER_LIMITS.blockBytes) });
const small: Frame = { t: "cancel", id: 7 };
/** A block and its head take this long at 1,000 bytes a millisecond. */
const BLOCK_MS = (PEER_LIMITS.blockBytes + 48) / 1000;

/** One sender with `count` neighbours, and what arrived: when, to whom, what. */
function star(count: number) {
  const time = createQueue();
  const sender = createDevice(line);
  const arrived: [number, number, Frame["t"]][] = [];
  const writable: number[] = [];
  const links: Direction[] = Array.from({ length: count }, (_, to) =>
    createDirection(
      sender,
      createDevice(line),
      (frame) => arrived.push([time.now(), to, frame.t]),
      () => writable.push(time.now()),
    ),
  );
  const send = (to: number, frame: Frame): void => transmit(time, links[to] as Direction, frame);
  return { time, links, arrived, writable, send };
}

const near = (actual: number | undefined, expected: number): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 0.5, `${actual} is not about ${expected}`);

describe("a link", () => {
  it("takes the uplink's time, both latencies and the downlink's time for a block", () => {
    const { time, arrived, send } = star(1);
    send(0, block(0));
    send(0, block(1));
    time.run(1000, 1e4);
    near(arrived[0]?.[0], BLOCK_MS + 20 + BLOCK_MS / 10);
    near(arrived[1]?.[0], 2 * BLOCK_MS + 20 + BLOCK_MS / 10);
  });

  it("shares the uplink among neighbours block by block", () => {
    const { time, arrived, send } = star(2);
    for (let i = 0; i < 3; i++) send(0, block(i));
    send(1, block(0));
    time.run(1000, 1e4);
    assert.deepEqual(
      arrived.map(([, to]) => to),
      [0, 1, 0, 0],
    );
  });

  it("keeps the order of one direction, and lets a small frame to another neighbour past the blocks", () => {
    const { time, arrived, send } = star(2);
    send(0, block(0));
    send(0, small);
    send(1, small);
    time.run(1000, 1e4);
    assert.deepEqual(
      arrived.map(([, to, t]) => [to, t]),
      [
        [1, "cancel"],
        [0, "block"],
        [0, "cancel"],
      ],
    );
  });

  it("is writable when next to nothing waits", () => {
    const { time, writable, send } = star(1);
    for (let i = 0; i < 4; i++) send(0, block(i));
    time.run(1000, 1e4);
    assert.equal(writable.length, 1);
    near(writable[0], 4 * BLOCK_MS);
  });

  it("delivers nothing once it is closed, and leaves the uplink to others", () => {
    const { time, links, arrived, send } = star(2);
    send(0, block(0));
    send(0, block(1));
    send(1, block(0));
    time.run(5, 1e4);
    shut(links[0] as Direction, "closed");
    time.run(1000, 1e4);
    assert.deepEqual(
      arrived.map(([, to]) => to),
      [1],
    );
  });
});
