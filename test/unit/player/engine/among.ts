import { type Core, createCore } from "../../../../player/engine/core.ts";
import { createNeighbour } from "../../../../player/engine/neighbour.ts";
import { HD, LIMITS, peerId } from "../../../support/engine-harness.ts";

/** A viewer who has watched a live stream for an hour among six others, all of whom are after its segment 3 now. */
export function amongSix(name: string): Core {
  const core = createCore(LIMITS, -3_600_000);
  Object.assign(core, { self: peerId(name), swarmSize: 7, tracker: "up", mode: "share", joinedAt: -3_600_000 });
  core.playlists.set(HD, { live: true, first: 0, last: 9, segmentMs: 4000 });
  for (const id of ["a", "b", "c", "d", "e", "f"].map(peerId)) {
    const n = createNeighbour(id, "lan", "direct", -3_600_000);
    const position = { t: "position", rendition: HD, asked: 2, uplink: 20 };
    core.neighbours.set(id, Object.assign(n, { upload: "share", heard: true, position }));
  }
  return core;
}
