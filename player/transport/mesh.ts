import { identityOf, type Neighbour, type PeerId } from "../../tracker/protocol/index.ts";
import type { Clock, Mesh, MeshEvents } from "../session/ports.ts";
import { rtcConfiguration } from "./ice-servers.ts";
import { createLink, type Link } from "./link.ts";
import { onNetworkChange } from "./network.ts";
import { type CallId, newCallId, parseSignalPayload, SIGNAL_LIMITS, type Signal } from "./signals.ts";

/** How long an offer from an expected neighbour may take to come, in milliseconds. */
export const EXPECT_MS = 20_000;

/**
 * To make a link holds the page up, for a millisecond or two, and for a third of a second where the device is busy. Between one and the
 * next the page has this many times as long for its picture, and no longer than that, in milliseconds.
 */
const REST = { times: 10, mostMs: 2000 } as const;

/** What was turned away, counted since the mesh was made. */
export type MeshCounters = {
  /** Payloads that are no signal. */
  readonly badSignals: number;
  /** Signals from peers that were neither called nor expected. */
  readonly strangers: number;
  /** Signals of a call that is over or lost a glare. */
  readonly stale: number;
  /** Calls and expectations beyond `maxLinks`. */
  readonly full: number;
  readonly textMessages: number;
  readonly oversized: number;
  /** Links that sent more than `LINK.earlyBytes` before they were open. */
  readonly floods: number;
};

export type MeshOptions = {
  /** The page's own settings; its ICE servers come before the tracker's. */
  readonly rtcConfig?: RTCConfiguration | undefined;
  /** Most neighbours, counting those that are still being called or expected. */
  readonly maxLinks: number;
  /** A native WebRTC binding, for Node. */
  readonly wrtc?: unknown;
  readonly clock: Clock;
  readonly events: MeshEvents;
  /** Replaced in tests to settle a glare beforehand. */
  readonly makeCallId?: () => CallId;
  readonly networkChange?: (listener: () => void) => () => void;
};

/** A neighbour's place in the mesh, from `call` or `expect` to `onClosed`. */
type Seat = {
  /** As it was first named: what the session knows it by. */
  readonly neighbour: Neighbour;
  /** Its id now. It changes when the neighbour moves to another tracker process; the link stays. */
  address: PeerId;
  link: Link | undefined;
  /** Set while an offer may still come; cancels the wait. */
  stopExpecting: (() => void) | undefined;
  /** Candidates that overtook their offer. */
  early: Extract<Signal, { kind: "candidate" }>[];
};

/**
 * Links to neighbours over simple-peer. Each neighbour called or expected gets exactly one `onClosed` in the end, whether or not
 * `onOpen` came before. No event is raised from inside a method of the mesh, and none after `close`.
 */
export function createMesh(options: MeshOptions): Mesh & { readonly counters: () => MeshCounters } {
  const { clock, events, maxLinks, makeCallId = newCallId } = options;
  /** By identity: a neighbour that is named again under another id is not called twice. */
  const seats = new Map<string, Seat>();
  const counts = { badSignals: 0, strangers: 0, stale: 0, full: 0, textMessages: 0, oversized: 0, floods: 0 };
  /** Still to be called, one after the other; undefined while nobody is. */
  let waiting: Seat[] | undefined;
  let config = rtcConfiguration(options.rtcConfig, []);
  let closed = false;

  const later = (act: () => void): void =>
    queueMicrotask(() => {
      if (!closed) act();
    });
  const tell = (seat: Seat, signal: Signal): void => events.onSignal(seat.address, JSON.stringify(signal));
  const seatOf = (peer: PeerId): Seat | undefined => seats.get(identityOf(peer));

  function seatFor(neighbour: Neighbour): Seat | undefined {
    const there = seatOf(neighbour.id);
    if (there !== undefined) {
      there.address = neighbour.id;
      return there;
    }
    if (closed) return undefined;
    if (seats.size >= maxLinks) {
      counts.full += 1;
      later(() => events.onClosed(neighbour.id));
      return undefined;
    }
    const seat: Seat = { neighbour, address: neighbour.id, link: undefined, stopExpecting: undefined, early: [] };
    seats.set(identityOf(neighbour.id), seat);
    return seat;
  }

  function leave(seat: Seat): void {
    const peer = seat.neighbour.id;
    if (seatOf(peer) !== seat) return;
    seats.delete(identityOf(peer));
    unseat(seat);
    later(() => events.onClosed(peer));
  }

  /** Lets go of a seat's link and timer. A neighbour that waits for an unfinished link is told, so that it need not wait long. */
  function unseat(seat: Seat): void {
    seat.stopExpecting?.();
    const { link } = seat;
    if (link === undefined) return;
    if (link.known() && !link.isOpen()) {
      later(() => tell(seat, { kind: "bye", call: link.call }));
    }
    link.close();
  }

  function startLink(seat: Seat, role: Link["role"], call: CallId): Link | undefined {
    const peer = seat.neighbour.id;
    let link: Link;
    try {
      link = createLink({
        role,
        call,
        config,
        wrtc: options.wrtc,
        clock,
        events: {
          onSignal: (body) => tell(seat, { ...body, call }),
          onOpen: (path) => events.onOpen(peer, seat.neighbour.near, path),
          onMessage: (bytes) => events.onMessage(peer, bytes),
          onWritable: () => events.onWritable(peer),
          onSilence: (silent) => events.onSilence(peer, silent),
          onBreach(what) {
            if (what === "text") counts.textMessages += 1;
            else if (what === "oversized") counts.oversized += 1;
            else counts.floods += 1;
          },
          onEnd: () => leave(seat),
        },
      });
    } catch {
      // No WebRTC here, or a page's rtcConfig that it refuses: the call came to nothing.
      leave(seat);
      return undefined;
    }
    seat.link = link;
    return link;
  }

  function callNext(): void {
    const seat = closed ? undefined : waiting?.shift();
    if (seat === undefined) {
      waiting = undefined;
      return;
    }
    const before = clock.now();
    // By now it may have left, or called itself.
    if (seatOf(seat.address) === seat && seat.link === undefined) startLink(seat, "caller", makeCallId());
    const rest = Math.min(REST.mostMs, REST.times * (clock.now() - before));
    if (rest === 0) callNext();
    else clock.after(rest, callNext);
  }

  function offered(seat: Seat, offer: Extract<Signal, { kind: "offer" }>): void {
    const { link } = seat;
    if (link !== undefined && !mayReplace(seat, link, offer.call)) {
      counts.stale += 1;
      return;
    }
    seat.stopExpecting?.();
    seat.stopExpecting = undefined;
    seat.link = undefined;
    if (link?.isOpen()) {
      // The neighbour lost this link before we did. The session must see it end before it opens again.
      later(() => events.onClosed(seat.neighbour.id));
    }
    link?.close();
    const answering = startLink(seat, "callee", offer.call);
    answering?.signal(offer);
    for (const candidate of seat.early.splice(0)) {
      if (candidate.call === offer.call) answering?.signal(candidate);
    }
  }

  const stopNetwork = (options.networkChange ?? onNetworkChange)(() => {
    for (const seat of seats.values()) seat.link?.networkChanged();
  });

  return {
    setIceServers(servers) {
      config = rtcConfiguration(options.rtcConfig, servers);
    },
    call(neighbour) {
      const seat = seatFor(neighbour);
      if (seat === undefined || seat.link !== undefined) return;
      if (waiting !== undefined) waiting.push(seat);
      else {
        waiting = [seat];
        callNext();
      }
    },
    expect(neighbour) {
      const seat = seatFor(neighbour);
      if (seat === undefined) return;
      seat.stopExpecting?.();
      seat.stopExpecting = clock.after(EXPECT_MS, () => {
        seat.stopExpecting = undefined;
        if (seat.link === undefined) leave(seat);
      });
    },
    signal(from, payload) {
      if (closed) return;
      const signal = parseSignalPayload(payload);
      const seat = seatOf(from);
      if (signal === undefined) counts.badSignals += 1;
      else if (seat === undefined) counts.strangers += 1;
      else if (seat.link?.call === signal.call) {
        if (signal.kind === "bye") leave(seat);
        else seat.link.signal(signal);
      } else if (signal.kind === "offer") offered(seat, signal);
      else if (signal.kind === "candidate" && seat.early.length < SIGNAL_LIMITS.earlyCandidates)
        seat.early.push(signal);
      else counts.stale += 1;
    },
    send: (peer, bytes) => seatOf(peer)?.link?.send(bytes) ?? false,
    drop(peer) {
      const seat = seatOf(peer);
      if (seat !== undefined) leave(seat);
    },
    close() {
      if (closed) return;
      stopNetwork();
      for (const seat of seats.values()) unseat(seat);
      seats.clear();
      closed = true;
    },
    counters: () => ({ ...counts }),
  };
}

/** Whether an offer of another call takes the place of `link`. */
function mayReplace(seat: Seat, link: Link, theirs: CallId): boolean {
  // Glare: both called. Both sides compare the same two ids, so both keep the same call; one not yet sent out just yields.
  if (link.role === "caller" && link.unanswered()) return !link.known() || theirs < link.call;
  // Else only a neighbour that the tracker introduced once more may start again.
  return seat.stopExpecting !== undefined;
}
