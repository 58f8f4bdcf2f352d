import type { Digest, PeerId } from "../../tracker/protocol/index.ts";
import type { EngineEvent } from "../engine/types.ts";
import { type Frame, FrameError } from "../protocol/index.ts";
import { guarded } from "./guarded.ts";
import { createLane, type Lane } from "./lane.ts";
import type { Mesh, MeshEvents } from "./ports.ts";

/** Frames of one neighbour that may wait for a digest; a neighbour that sends faster than we can check is let go. */
const MOST_WAITING_FRAMES = 256;

export type MeshSideParts = {
  readonly makeMesh: (events: MeshEvents) => Mesh;
  /** What it gives need not outlive the next call. */
  readonly encode: (frame: Frame) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Frame;
  readonly hash: (bytes: Uint8Array) => Promise<Digest>;
  readonly onSignal: MeshEvents["onSignal"];
  readonly feed: (event: EngineEvent) => void;
  readonly onPeers: () => void;
  /** Something of ours failed. */
  readonly onFault: (error: unknown) => void;
};

export type MeshSide = {
  readonly mesh: Mesh;
  readonly send: (peer: PeerId, frame: Frame) => void;
  readonly drop: (peer: PeerId) => void;
  /** Neighbours let go because of frames that could not be read, or too many of them. */
  readonly badFrames: () => number;
  /** Bytes sent and received that were no part of a block. */
  readonly overhead: () => number;
  /** Ends all links. The engine hears of it from `tellGone`, or when one of the same is linked again. */
  readonly hangUp: () => void;
  readonly tellGone: () => void;
  readonly close: () => void;
};

/** The mesh as the engine sees it: frames instead of bytes, each block with its digest, in the order they were sent. */
export function createMeshSide(parts: MeshSideParts): MeshSide {
  const { feed, onFault } = parts;
  const lanes = new Map<PeerId, Lane>();
  /** Whose links were hung up, as the engine does not know yet. */
  const gone = new Set<PeerId>();
  let bad = 0;
  let overhead = 0;

  /** Counts a message, but not the block that it carries. */
  const count = (message: Uint8Array, frame: Frame | undefined): void => {
    overhead += message.byteLength - (frame?.t === "block" ? frame.bytes.byteLength : 0);
  };

  const closed = (peer: PeerId): void => {
    const lane = lanes.get(peer);
    if (lane === undefined) return;
    lane.close();
    lanes.delete(peer);
    feed({ t: "peer-closed", peer });
    parts.onPeers();
  };

  const tellOf = (peer: PeerId): void => {
    if (gone.delete(peer)) feed({ t: "peer-closed", peer });
  };

  const drop = (peer: PeerId): void => {
    mesh.drop(peer);
    closed(peer);
  };

  const onMessage = (peer: PeerId, bytes: Uint8Array): void => {
    const lane = lanes.get(peer);
    if (lane === undefined) return;
    const frame = read(parts.decode, bytes);
    count(bytes, frame);
    if (frame === undefined || lane.length() >= MOST_WAITING_FRAMES) {
      bad++;
      feed({ t: "bad-frame", peer });
      drop(peer);
      return;
    }
    if (frame.t === "block") {
      lane.putWhen(parts.hash(frame.bytes), (digest) => feed({ t: "frame", peer, frame, digest }));
    } else {
      lane.put(() => feed({ t: "frame", peer, frame }));
    }
  };

  const mesh = parts.makeMesh({
    onSignal: parts.onSignal,
    onOpen: (peer, near, path) => {
      tellOf(peer);
      lanes.set(peer, createLane(onFault));
      feed({ t: "peer-open", peer, near, path });
      parts.onPeers();
    },
    onClosed: closed,
    onMessage: guarded(onFault, onMessage),
    onSilence: (peer, silent) => feed({ t: "peer-silent", peer, silent }),
    onWritable: (peer) => {
      if (lanes.has(peer)) feed({ t: "writable", peer });
    },
  });

  const hangUp = (): void => {
    for (const [peer, lane] of lanes) {
      lane.close();
      gone.add(peer);
      mesh.drop(peer);
    }
    lanes.clear();
  };

  return {
    mesh,
    // A link that takes no more bytes has just closed: `onClosed` tells, and nothing is lost by not sending.
    send: (peer, frame) => {
      if (!lanes.has(peer)) return;
      const bytes = parts.encode(frame);
      if (mesh.send(peer, bytes)) count(bytes, frame);
    },
    drop,
    badFrames: () => bad,
    overhead: () => overhead,
    hangUp,
    tellGone: () => gone.forEach(tellOf),
    close: () => {
      hangUp();
      mesh.close();
    },
  };
}

/** The frame, or `undefined` when the neighbour sent none. Any other error is ours and goes on. */
function read(decode: (bytes: Uint8Array) => Frame, bytes: Uint8Array): Frame | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof FrameError) return undefined;
    throw error;
  }
}
