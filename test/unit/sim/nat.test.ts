import assert from "node:assert/strict";
import { describe, it } from "vitest";
import type { PeerId } from "../../../tracker/protocol/index.ts";
import { CONNECT_MS, createMesh, type Node } from "../../sim/mesh.ts";
import { ALL_OPEN, canConnect, drawNat, NATS, type Nat } from "../../sim/nat.ts";
import { createQueue } from "../../sim/queue.ts";
import { randomStream } from "../../sim/random.ts";
import { createDevice } from "../../sim/wire.ts";
import { atLeast, play } from "./checks.ts";

const line = { kind: "test", down: 80_000_000, up: 8_000_000, latencyMs: 10, upload: "share" } as const;

/** A mesh of viewers behind such routers, none of which may have more than `most` neighbours. */
function mesh(nats: readonly Nat[], most = 8) {
  const time = createQueue();
  const made = createMesh(time, most);
  const opened: string[] = [];
  const nodes = nats.map((nat, i): Node => {
    const node: Node = {
      name: `n${i}` as PeerId,
      device: createDevice(line),
      nat,
      links: new Map(),
      coming: new Set(),
      isHere: () => true,
      wantsCalls: () => true,
      onOpen: (peer) => opened.push(`${node.name} ${peer}`),
      onClosed: (peer) => opened.push(`${node.name} not ${peer}`),
      onFrame: () => undefined,
      onWritable: () => undefined,
      onSilent: () => undefined,
    };
    made.add(node);
    return node;
  });
  const call = (from: number, to: number): void => {
    const node = nodes[from];
    if (node !== undefined) made.call(node, `n${to}` as PeerId);
  };
  return { time, made, nodes, opened, call };
}

describe("routers", () => {
  it("let all pairs meet but two symmetric ones", () => {
    const apart = NATS.flatMap((a) => NATS.filter((b) => !canConnect(a, b)).map((b) => `${a}-${b}`));
    assert.deepEqual(apart, ["symmetric-symmetric"]);
  });

  it("are drawn by their shares", () => {
    const mix = { open: 0.55, mapped: 0.3, symmetric: 0.15 };
    const random = randomStream(1, "test");
    const drawn = Array.from({ length: 10_000 }, () => drawNat(random, mix));
    for (const nat of NATS) {
      const share = drawn.filter((one) => one === nat).length / drawn.length;
      assert.ok(Math.abs(share - mix[nat]) < 0.02, `${nat}: ${share}`);
    }
    assert.equal(
      drawNat(() => 0.999999, ALL_OPEN),
      "open",
    );
  });

  it("that cannot meet cost both sides a place until the call is given up, and never a link", () => {
    const { time, made, nodes, opened, call } = mesh(["symmetric", "symmetric", "open"], 1);
    call(0, 1);
    time.run(CONNECT_MS - 1, 1e4);
    call(0, 2);
    call(2, 1);
    time.run(CONNECT_MS + 1, 1e4);
    assert.deepEqual(opened, [], "neither had a place left");
    assert.deepEqual(made.counts, { made: 2, unreachable: 1 });
    time.run(2 * CONNECT_MS + 1, 1e4);
    call(0, 2);
    time.run(2 * CONNECT_MS + 1000, 1e4);
    assert.deepEqual(opened, ["n0 n2", "n2 n0"]);
    assert.equal(nodes[1]?.coming.size, 0);
  });

  it("that are all symmetric leave every viewer to the CDN, without a stall or a broken promise", () => {
    const crowd = { viewers: 10, minutes: 1, joins: { kind: "flash", withinMs: 5000 } } as const;
    const apart = play({ ...crowd, nat: { open: 0, mapped: 0, symmetric: 1 } });
    assert.equal(apart.frames, 0);
    assert.equal(apart.bytes.peer, 0);
    assert.equal(apart.stalls, 0);
    atLeast(apart.calls.unreachable, 10, "calls that came to nothing");
    const together = play({ ...crowd, nat: ALL_OPEN });
    assert.equal(together.calls.unreachable, 0);
    atLeast(together.offload, apart.offload + 0.5, "offload behind open routers");
  });
});
