import type { SegmentId } from "../../tracker/protocol/index.ts";
import type { EngineEvent } from "../engine/types.ts";
import type { Disk } from "./ports.ts";

export type DiskSideParts = {
  /** Opens the place on disk; undefined or rejected where there is none. */
  readonly openDisk: () => Promise<Disk | undefined>;
  readonly feed: (event: EngineEvent) => void;
};

export type DiskSide = {
  /** A stream on demand is playing: from now on a disk is of use. */
  readonly open: () => void;
  readonly put: (segment: SegmentId, blocks: readonly Uint8Array[]) => void;
  readonly read: (segment: SegmentId) => void;
  readonly remove: (segment: SegmentId) => void;
  readonly close: () => void;
};

/** The disk as the engine sees it. */
export function createDiskSide({ openDisk, feed }: DiskSideParts): DiskSide {
  let disk: Disk | undefined;
  let state: "shut" | "open" | "closed" = "shut";
  return {
    open() {
      if (state !== "shut") return;
      state = "open";
      void openDisk().then(
        (opened) => {
          if (state === "closed") void opened?.close();
          else if (opened !== undefined) {
            disk = opened;
            feed({ t: "disk-ready" });
          }
        },
        // What makes a disk could not be loaded: there is none, as in many browsers.
        () => undefined,
      );
    },
    put(segment, blocks) {
      void disk?.put(segment, blocks).then((result) => {
        const lost = result.kind === "kept" ? result.dropped : [...result.dropped, segment];
        if (lost.length > 0) feed({ t: "disk-lost", segments: lost });
      });
    },
    read(segment) {
      void disk?.read(segment).then((blocks) => feed({ t: "disk-read", segment, blocks }));
    },
    remove: (segment) => disk?.remove(segment),
    close() {
      state = "closed";
      void disk?.close();
    },
  };
}
