import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { PEER_LIMITS } from "../../../player/protocol/index.ts";
import { createStream } from "../../sim/media.ts";
import { createOrigin, type Transfer } from "../../sim/origin.ts";
import { createQueue } from "../../sim/queue.ts";
import { DEFAULTS, type OriginModel } from "../../sim/scenario.ts";
import { createDevice } from "../../sim/wire.ts";

const line = { kind: "test", down: 100_000_000, up: 1_000_000, latencyMs: 10, upload: "share" } as const;

/** An origin with one viewer; `get` notes what it hears. */
function rig(changes: Partial<OriginModel> = {}) {
  const time = createQueue();
  const origin = createOrigin(time, { ...DEFAULTS.origin, ...changes });
  const media = createStream({ seed: 1, bitrates: [1_300_000], segmentMs: 4000 }).segment(0, 7);
  const heard: string[] = [];
  const get = (from: number, to: number | undefined, device = createDevice(line)): Transfer =>
    origin.get(
      device,
      media,
      { from, to },
      {
        opened: (bytes, first) => heard.push(`opened ${bytes} ${first}`),
        block: (index, bytes) => heard.push(`${index}${bytes === media.blocks[index] ? "" : " is wrong"}`),
        done: () => heard.push("done"),
        failed: (fault) => heard.push(fault.kind),
      },
    );
  return { time, origin, media, heard, get };
}

describe("the origin", () => {
  it("sends the blocks asked for, and counts their bytes", () => {
    const { time, origin, media, heard, get } = rig();
    get(2 * PEER_LIMITS.blockBytes, 4 * PEER_LIMITS.blockBytes);
    time.run(10_000, 1e4);
    assert.deepEqual(heard, [`opened ${media.bytes} ${2 * PEER_LIMITS.blockBytes}`, "2", "3", "done"]);
    assert.equal(origin.bytes(), 2 * PEER_LIMITS.blockBytes);
  });

  it("sends all when it ignores Range", () => {
    const { time, origin, media, heard, get } = rig({ range: false });
    get(2 * PEER_LIMITS.blockBytes, undefined);
    time.run(10_000, 1e4);
    assert.deepEqual(heard, [`opened ${media.bytes} 0`, ...media.blocks.map((_, i) => String(i)), "done"]);
    assert.equal(origin.bytes(), media.bytes);
  });

  it("counts what had come of a block when a transfer is stopped, and says no more", () => {
    const { time, origin, heard, get } = rig({ bitsPerSecond: 1_000_000_000 });
    const transfer = get(0, undefined, createDevice({ ...line, down: 8_000_000 }));
    time.run(60.5 + 1.5 * PEER_LIMITS.blockBytes * 0.001, 1e4);
    const stray = transfer.abort();
    time.run(10_000, 1e4);
    assert.deepEqual(heard.slice(1), ["0"]);
    assert.ok(Math.abs(stray / PEER_LIMITS.blockBytes - 0.5) < 0.1, `${stray}`);
    assert.equal(origin.bytes(), PEER_LIMITS.blockBytes + stray);
    assert.equal(transfer.abort(), 0);
  });

  it("fails in an outage: new transfers with a status, running ones in the middle", () => {
    const { time, heard, get } = rig({ bitsPerSecond: 8_000_000, outages: [{ fromMs: 300, toMs: 900 }] });
    get(0, undefined);
    time.run(500, 1e4);
    assert.equal(heard.at(-1), "network");
    get(0, undefined);
    time.run(800, 1e4);
    assert.equal(heard.at(-1), "http");
    time.run(1000, 1e4);
    get(0, undefined);
    time.run(5000, 1e4);
    assert.equal(heard.at(-1), "done");
  });

  it("shares its capacity among transfers", () => {
    const { time, origin, media, get } = rig({ capacity: 8_000_000 });
    for (let i = 0; i < 4; i++) get(0, undefined);
    time.run(60 + (4 * media.bytes) / 1000 - 50, 1e4);
    assert.ok(origin.bytes() < 4 * media.bytes);
    time.run(60 + (4 * media.bytes) / 1000 + 50, 1e4);
    assert.equal(origin.bytes(), 4 * media.bytes);
  });
});
