import { describe, expect, it } from "vitest";
import { createCore } from "../../../../player/engine/core.ts";
import { patience } from "../../../../player/engine/election.ts";
import { createNeighbour } from "../../../../player/engine/neighbour.ts";
import { createSegment } from "../../../../player/engine/segment.ts";
import { renditionId } from "../../../../player/protocol/index.ts";
import { engineHarness, HD, key, LIMITS, peerId } from "../../../support/engine-harness.ts";

const LOW = renditionId("low");

/** A viewer with one neighbour, and what that was told of where the viewer is. */
function watching(live: boolean) {
  const v = engineHarness();
  v.join({ live });
  v.tell({ t: "playlist", rendition: LOW, live, first: 0, last: 99, segmentMs: 4000 });
  v.peer("a");
  const told = (): [string, number][] => v.frames("position").map(({ frame }) => [frame.rendition, frame.asked]);
  return { v, told };
}

describe("where a viewer is", () => {
  it("is told on demand with each segment asked for, and once", () => {
    const { v, told } = watching(false);
    for (const msn of [5, 6, 6, 7]) v.wants(key(msn), 10_000);
    expect(told()).toEqual([
      [HD, 5],
      [HD, 6],
      [HD, 7],
    ]);
  });

  it("is told on a live stream when the rendition changes, since all go on alike", () => {
    const { v, told } = watching(true);
    for (const msn of [5, 6]) v.wants(key(msn), 10_000);
    for (const msn of [6, 7]) v.wants(key(msn, LOW), 10_000);
    expect(told()).toEqual([
      [HD, 5],
      [LOW, 6],
    ]);
  });

  it("is no news when only the playhead moves", () => {
    const { v, told } = watching(false);
    v.wants(key(5), 10_000);
    for (const msn of [1, 2]) v.tell({ t: "playhead", rendition: HD, msn, bufferedMs: 8000, goalMs: 30_000 });
    expect(told()).toEqual([[HD, 5]]);
  });

  it("is told anew when the uplink proves to be another", () => {
    const { v } = watching(true);
    v.wants(key(5), 10_000);
    v.tell({ t: "mode", mode: "share", uploadBitsPerSecond: 1_000_000 });
    v.wants(key(6), 10_000);
    expect(v.frames("position").map(({ frame }) => frame.uplink)).toEqual([20, 14]);
  });

  it("is told a newcomer as the others know it", () => {
    const { v } = watching(true);
    v.wants(key(5), 10_000);
    v.tell({ t: "mode", mode: "share", uploadBitsPerSecond: 1_000_000 });
    const b = v.peer("b");
    const [first, ...others] = v.frames("position");
    expect(others).toEqual([{ peer: b, frame: first?.frame }]);
  });
});

/** How long one of two viewers leaves a segment to the other; both measured a wide uplink, and told the other one of `told`. */
function leaves(self: string, other: string, told: number) {
  const core = createCore(LIMITS, 0);
  core.now = 3_600_000;
  core.self = peerId(self);
  core.tracker = "up";
  core.swarmSize = 2;
  core.playlists.set(HD, { live: true, first: 0, last: 1000, segmentMs: 4000 });
  core.sizes.set(HD, 4_000_000);
  core.bucket.bytesPerMs = 100_000;
  core.uplink.bytesPerMs = 20_000;
  core.told = { t: "position", rendition: HD, asked: 2, uplink: told };
  const n = createNeighbour(peerId(other), "lan", "direct", 0);
  n.upload = "share";
  n.position = core.told;
  core.neighbours.set(n.id, n);
  return (msn: number): number => patience(core, createSegment(key(msn), 0));
}

it("who buys is settled by what was told of the uplink: what was measured since is known to one alone", () => {
  const [mine, theirs] = [leaves("a", "b", 18), leaves("b", "a", 18)];
  for (let msn = 3; msn < 50; msn++) expect([mine(msn), theirs(msn)].filter((ms) => ms === 0)).toHaveLength(1);
});
