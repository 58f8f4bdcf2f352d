import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { sharedLine, startLevel } from "../../sim/abr.ts";
import { createStream } from "../../sim/media.ts";
import { randomStream } from "../../sim/random.ts";
import { atLeast, play } from "./checks.ts";

const bitrates = [400_000, 1_300_000, 3_000_000];
const line = { kind: "test", down: 10_000_000, up: 2_000_000, latencyMs: 40, upload: "share" } as const;

describe("a stream in several renditions", () => {
  it("has segments of its own in each, of sizes that go with the bitrate", () => {
    const stream = createStream({ seed: 1, bitrates, segmentMs: 4000 });
    const [low, high] = [stream.segment(0, 7), stream.segment(2, 7)];
    assert.ok(Math.abs(high.bytes / low.bytes - 7.5) < 0.01, `${high.bytes / low.bytes}`);
    assert.notEqual(low.id, high.id);
    assert.notEqual(stream.digestOf(low.blocks[0] as Uint8Array), stream.digestOf(high.blocks[0] as Uint8Array));
    assert.equal(stream.ofKey(high.key), high);
    assert.equal(stream.ofId(low.id), low);
  });

  it("is begun in the best rendition that the line carries with some to spare", () => {
    const at = (down: number): number => startLevel({ ...line, down }, bitrates);
    assert.deepEqual([100_000, 1_000_000, 1_800_000, 1_900_000, 50_000_000].map(at), [0, 0, 0, 1, 2]);
  });

  it("is watched over what others leave of the line; one without a choice has the whole line", () => {
    const random = randomStream(1, "test");
    const downs = Array.from({ length: 100 }, () => sharedLine(line, { bitrates }, random).down);
    assert.ok(downs.every((down) => down >= 0.1 * line.down && down <= line.down));
    assert.ok(Math.max(...downs) > 5 * Math.min(...downs));
    assert.equal(sharedLine(line, { bitrates: [1_300_000] }, random), line);
  });

  const watched = { minutes: 1.5, bitrates, switchesPerMinute: 0.5 };

  it("saves in each rendition, adds no stall, and asks the CDN for what is watched", { timeout: 60_000 }, () => {
    const crowd = { ...watched, viewers: 40 };
    const outcome = play(crowd);
    const plain = play({ ...crowd, p2p: false });
    assert.ok(
      outcome.renditions.every((share) => share > 0.02),
      outcome.renditions.join(),
    );
    atLeast(outcome.switches, 10, "changes of the rendition");
    assert.ok(outcome.stalls <= plain.stalls, `${outcome.stalls} stalls, ${plain.stalls} without peers`);
    atLeast(outcome.offload, 0.75, "offload");
    assert.ok(outcome.boundOneCopy > outcome.offload);
  });

  it.each([2, 3, 4])("adds no stall where others draw other lines (seed %i)", { timeout: 60_000 }, (seed) => {
    const crowd = { ...watched, viewers: 20, seed };
    const outcome = play(crowd);
    const plain = play({ ...crowd, p2p: false });
    assert.ok(outcome.stalls <= plain.stalls, `${outcome.stalls} stalls, ${plain.stalls} without peers`);
    atLeast(outcome.offload, 0.7, "offload");
  });

  it("halts nobody where they come and go, on lines that carry a segment in half of its time", {
    timeout: 60_000,
  }, () => {
    const crowd = {
      viewers: 60,
      minutes: 1.5,
      bitrates: [400_000, 800_000, 1_300_000],
      leaves: { perMinute: 0.3, replace: true, vanish: 0.5 },
      seed: 2,
    };
    const outcome = play(crowd);
    const plain = play({ ...crowd, p2p: false });
    assert.ok(outcome.stalls <= plain.stalls, `${outcome.stalls} stalls, ${plain.stalls} without peers`);
    atLeast(outcome.offload, 0.8, "offload");
  });
});
