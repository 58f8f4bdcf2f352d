import type { Frame } from "../../player/protocol/index.ts";
import type { PeerId } from "../../tracker/protocol/index.ts";
import { canConnect, type Nat } from "./nat.ts";
import type { Timeline } from "./queue.ts";
import { createDirection, type Device, type Direction, shut, transmit } from "./wire.ts";

/** A call takes three round trips and this; one that comes to nothing keeps its place for so long. Milliseconds. */
const OPEN_RTTS = 3;
const OPEN_MS = 100;
export const CONNECT_MS = 15_000;
/** How long it takes to see that a neighbour says nothing any more, and until its link is given up, in milliseconds. */
const SILENT_MS = 6000;
const GIVEN_UP_MS = 17_000;

/** One side's end of a link. `mine`: the name under which the other side knows this one. */
type Link = { readonly other: Node; readonly mine: PeerId; readonly out: Direction; readonly back: Direction };

/** A viewer's place in the mesh. It is known under the name that the tracker gave it last; links keep the one they began with. */
export type Node = {
  name: PeerId;
  readonly device: Device;
  readonly nat: Nat;
  readonly links: Map<PeerId, Link>;
  /** Called or expected, but not open yet: they take a place too. */
  readonly coming: Set<PeerId>;
  readonly isHere: () => boolean;
  /** The operator or the viewer may not want any neighbours. */
  readonly wantsCalls: () => boolean;
  readonly onOpen: (peer: PeerId) => void;
  readonly onClosed: (peer: PeerId) => void;
  readonly onFrame: (peer: PeerId, frame: Frame) => void;
  readonly onWritable: (peer: PeerId) => void;
  readonly onSilent: (peer: PeerId) => void;
};

/** Calls made, and those that two symmetric routers let come to nothing. */
export type CallCounts = { made: number; unreachable: number };

export type Mesh = {
  readonly counts: CallCounts;
  readonly add: (node: Node) => void;
  /** The tracker gave it a new name. */
  readonly rename: (node: Node, name: PeerId) => void;
  readonly call: (from: Node, to: PeerId) => void;
  readonly send: (from: Node, to: PeerId, frame: Frame) => void;
  /** Closes a link from one side; the other hears of it. The caller tells its own side. */
  readonly drop: (from: Node, to: PeerId) => void;
  readonly leave: (node: Node, how: "closed" | "vanished") => void;
};

export function createMesh(time: Timeline, most: number): Mesh {
  const nodes = new Map<PeerId, Node>();
  const counts: CallCounts = { made: 0, unreachable: 0 };

  const hasRoom = (node: Node): boolean => node.links.size + node.coming.size < most;

  const open = (a: Node, aName: PeerId, b: Node, bName: PeerId): void => {
    const there = createDirection(
      a.device,
      b.device,
      (frame) => b.onFrame(aName, frame),
      () => a.onWritable(bName),
    );
    const back = createDirection(
      b.device,
      a.device,
      (frame) => a.onFrame(bName, frame),
      () => b.onWritable(aName),
    );
    a.links.set(bName, { other: b, mine: aName, out: there, back });
    b.links.set(aName, { other: a, mine: bName, out: back, back: there });
    a.onOpen(bName);
    // The first side may have closed it at once.
    if (b.links.get(aName)?.out === back) b.onOpen(aName);
  };

  /** Takes a link from one side, and tells it. */
  const forget = (node: Node, peer: PeerId, link: Link): void => {
    shut(link.out, "closed");
    if (node.links.get(peer)?.out !== link.out) return;
    node.links.delete(peer);
    if (node.isHere()) node.onClosed(peer);
  };

  /** The other side of a link, if it is there still after some time. */
  const otherAfter = (link: Link, ms: number, act: (theirs: Link) => void): void =>
    time.after(ms, () => {
      const theirs = link.other.links.get(link.mine);
      if (theirs?.out === link.back) act(theirs);
    });

  /** The other side of a link hears, after some time, that it is over. */
  const tellOther = (link: Link, ms: number): void =>
    otherAfter(link, ms, (theirs) => forget(link.other, link.mine, theirs));

  /** Both sides keep a place for the call until it is open or given up. */
  const dial = (from: Node, to: Node): void => {
    const fromName = from.name;
    const toName = to.name;
    const connects = canConnect(from.nat, to.nat);
    if (!connects) counts.unreachable++;
    to.coming.add(fromName);
    const rtt = 2 * (from.device.latencyMs + to.device.latencyMs);
    time.after(connects ? OPEN_RTTS * rtt + OPEN_MS : CONNECT_MS, () => {
      from.coming.delete(toName);
      to.coming.delete(fromName);
      if (connects && from.isHere() && to.isHere()) open(from, fromName, to, toName);
    });
  };

  return {
    counts,
    add: (node) => void nodes.set(node.name, node),
    rename(node, name) {
      nodes.delete(node.name);
      node.name = name;
      nodes.set(name, node);
    },
    call(from, to) {
      const other = nodes.get(to);
      if (from === other || from.links.has(to) || from.coming.has(to) || !hasRoom(from)) return;
      counts.made++;
      from.coming.add(to);
      const answers = other?.isHere() === true && other.wantsCalls() && hasRoom(other) && !other.coming.has(from.name);
      if (other !== undefined && answers && !other.links.has(from.name)) dial(from, other);
      else time.after(CONNECT_MS, () => void from.coming.delete(to));
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
      tellOther(link, from.device.latencyMs + link.other.device.latencyMs);
    },
    leave(node, how) {
      nodes.delete(node.name);
      for (const link of node.links.values()) {
        shut(link.out, "closed");
        shut(link.back, how === "closed" ? "closed" : "stalled");
        if (how === "vanished") otherAfter(link, SILENT_MS, () => link.other.onSilent(link.mine));
        tellOther(link, how === "closed" ? node.device.latencyMs + link.other.device.latencyMs : GIVEN_UP_MS);
      }
      node.links.clear();
    },
  };
}
