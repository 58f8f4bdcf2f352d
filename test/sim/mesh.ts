import type { Frame } from "../../player/protocol/index.ts";
import type { PeerId } from "../../tracker/protocol/index.ts";
import type { Timeline } from "./queue.ts";
import { createDirection, type Device, type Direction, shut, transmit } from "./wire.ts";

/** A call takes three round trips and this; one that comes to nothing is given up later. Milliseconds. */
const OPEN_RTTS = 3;
const OPEN_MS = 100;
const GIVE_UP_MS = 20_000;
/** How long it takes to see that a neighbour went without a word, in milliseconds. */
const SILENT_MS = 6000;

type Link = { readonly out: Direction; readonly back: Direction };

/** A viewer's place in the mesh. */
export type Node = {
  readonly id: PeerId;
  readonly device: Device;
  readonly links: Map<PeerId, Link>;
  /** Called or expected, but not open yet: they take a place too. */
  readonly coming: Set<PeerId>;
  readonly isHere: () => boolean;
  readonly onOpen: (peer: PeerId) => void;
  readonly onClosed: (peer: PeerId) => void;
  readonly onFrame: (peer: PeerId, frame: Frame) => void;
  readonly onWritable: (peer: PeerId) => void;
};

export type Mesh = {
  readonly add: (node: Node) => void;
  readonly call: (from: Node, to: PeerId) => void;
  readonly send: (from: Node, to: PeerId, frame: Frame) => void;
  /** Closes a link from one side; the other hears of it. The caller tells its own side. */
  readonly drop: (from: Node, to: PeerId) => void;
  readonly leave: (node: Node, how: "closed" | "vanished") => void;
};

export function createMesh(time: Timeline, most: number): Mesh {
  const nodes = new Map<PeerId, Node>();

  const hasRoom = (node: Node): boolean => node.links.size + node.coming.size < most;

  const open = (a: Node, b: Node): void => {
    const there = createDirection(
      a.device,
      b.device,
      (frame) => b.onFrame(a.id, frame),
      () => a.onWritable(b.id),
    );
    const back = createDirection(
      b.device,
      a.device,
      (frame) => a.onFrame(b.id, frame),
      () => b.onWritable(a.id),
    );
    a.links.set(b.id, { out: there, back });
    b.links.set(a.id, { out: back, back: there });
    a.onOpen(b.id);
    // The first side may have closed it at once.
    if (b.links.has(a.id)) b.onOpen(a.id);
  };

  /** Takes a link from one side, and tells it. */
  const forget = (node: Node, peer: PeerId, link: Link): void => {
    shut(link.out, "closed");
    if (node.links.get(peer)?.out !== link.out) return;
    node.links.delete(peer);
    if (node.isHere()) node.onClosed(peer);
  };

  return {
    add: (node) => void nodes.set(node.id, node),
    call(from, to) {
      const other = nodes.get(to);
      if (from.id === to || from.links.has(to) || from.coming.has(to) || !hasRoom(from)) return;
      from.coming.add(to);
      if (other === undefined || !other.isHere() || !hasRoom(other) || other.coming.has(from.id)) {
        time.after(GIVE_UP_MS, () => void from.coming.delete(to));
        return;
      }
      other.coming.add(from.id);
      const rtt = 2 * (from.device.latencyMs + other.device.latencyMs);
      time.after(OPEN_RTTS * rtt + OPEN_MS, () => {
        from.coming.delete(to);
        other.coming.delete(from.id);
        if (from.isHere() && other.isHere()) open(from, other);
      });
    },
    send(from, to, frame) {
      const link = from.links.get(to);
      if (link !== undefined) transmit(time, link.out, frame);
    },
    drop(from, to) {
      const link = from.links.get(to);
      if (link === undefined) return;
      from.links.delete(to);
      shut(link.out, "closed");
      shut(link.back, "closed");
      const other = nodes.get(to);
      if (other === undefined) return;
      time.after(from.device.latencyMs + other.device.latencyMs, () => {
        const mine = other.links.get(from.id);
        if (mine?.out === link.back) forget(other, from.id, mine);
      });
    },
    leave(node, how) {
      nodes.delete(node.id);
      for (const [peer, link] of node.links) {
        const other = nodes.get(peer);
        shut(link.out, "closed");
        shut(link.back, how === "closed" ? "closed" : "stalled");
        if (other === undefined) continue;
        const ms = how === "closed" ? node.device.latencyMs + other.device.latencyMs : SILENT_MS;
        time.after(ms, () => {
          const theirs = other.links.get(node.id);
          if (theirs?.out === link.back) forget(other, node.id, theirs);
        });
      }
      node.links.clear();
    },
  };
}
