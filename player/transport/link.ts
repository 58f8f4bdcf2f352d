import type { LinkPath } from "../engine/types.ts";
import { PEER_LIMITS } from "../protocol/index.ts";
import type { Clock } from "../session/ports.ts";
import { createFlow, type Flow } from "./flow.ts";
import { createPeer } from "./peer.ts";
import { createRestarter, type Role } from "./restart.ts";
import { type CallId, SIGNAL_LIMITS, type SignalBody } from "./signals.ts";

/** Times of one link, in milliseconds. */
export const LINK = {
  /** From the first offer to an open channel. Behind slow networks ICE with TURN over TCP takes 3-8 s. */
  connectMs: 15_000,
  /** Statistics may lag behind the connection; and ICE may begin on a relayed pair and move to a straight one. */
  secondLookMs: 500,
  /** How often an open link's path is looked at again. */
  watchMs: 30_000,
  /** Bytes kept that came before the path was known. */
  earlyBytes: 4 * PEER_LIMITS.frameBytes,
} as const;

export type LinkEvents = {
  readonly onSignal: (signal: SignalBody) => void;
  readonly onOpen: (path: LinkPath) => void;
  readonly onMessage: (bytes: Uint8Array) => void;
  readonly onWritable: () => void;
  /** A breach that the mesh counts. `text` does not end the link, the other two do. */
  readonly onBreach: (what: "text" | "oversized" | "flood") => void;
  /** An open link has lost touch with the other side, or found it again. */
  readonly onSilence: (silent: boolean) => void;
  /** Once, unless `close` came first. */
  readonly onEnd: () => void;
};

/** One link to one neighbour, from the first signal to its end. */
export type Link = {
  readonly role: Role;
  readonly call: CallId;
  /** True once an offer or answer went out, so that the other side is waiting for this link. */
  readonly known: () => boolean;
  /** True until the other side answered; meaningful for a caller. */
  readonly unanswered: () => boolean;
  readonly isOpen: () => boolean;
  readonly signal: (signal: SignalBody) => void;
  readonly send: (bytes: Uint8Array) => boolean;
  readonly networkChanged: () => void;
  /** Ends the link; no event follows. */
  readonly close: () => void;
};

/** Throws where there is no WebRTC. */
export function createLink(options: {
  readonly role: Role;
  readonly call: CallId;
  readonly config: RTCConfiguration;
  readonly wrtc: unknown;
  readonly clock: Clock;
  readonly events: LinkEvents;
}): Link {
  const { role, call, clock, events } = options;
  let state: "connecting" | "open" | "ended" = "connecting";
  let known = false;
  let unanswered = true;
  let offers = 0;
  let candidates = 0;
  let early: Uint8Array[] = [];
  let earlyBytes = 0;
  let flow: Flow | undefined;

  const peer = createPeer(role === "caller", options.config, options.wrtc, {
    onSignal(signal) {
      if (signal.kind === "offer" || signal.kind === "answer") known = true;
      events.onSignal(signal);
    },
    onConnect: () => void settlePath(),
    onData: receive,
    onIceState: (ice) => {
      if (state === "open") restarter.iceState(ice);
    },
    onGone: end,
  });
  const restarter = createRestarter({ role, clock, restart: peer.restart, giveUp: end, onSilence: events.onSilence });
  let cancelTimer = clock.after(LINK.connectMs, end);

  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

  async function settlePath(): Promise<void> {
    let path = await peer.path();
    if (path !== "direct") {
      await pause(LINK.secondLookMs);
      path = (await peer.path()) ?? path;
    }
    if (state === "connecting") open(path ?? "direct");
  }

  function open(path: LinkPath): void {
    state = "open";
    cancelTimer();
    flow = createFlow({ peer, clock, onWritable: events.onWritable, onBroken: end });
    if (path === "direct") watchPath();
    events.onOpen(path);
    for (const bytes of early.splice(0)) if (state === "open") events.onMessage(bytes);
  }

  /**
   * ICE may move an open link from a straight pair to a relayed one. Its bytes would then be counted as free while somebody pays
   * for them, so such a link ends; the session asks for another neighbour.
   */
  function watchPath(): void {
    cancelTimer = clock.after(LINK.watchMs, () => {
      void peer.path().then((path) => {
        if (state !== "open") return;
        if (path === undefined || path === "direct") watchPath();
        else end();
      });
    });
  }

  function receive(data: Uint8Array | string): void {
    if (typeof data === "string") events.onBreach("text");
    else if (data.byteLength > PEER_LIMITS.frameBytes) breach("oversized");
    else if (state === "open") events.onMessage(data);
    else keep(data);
  }

  /** The other side may see the link open first, and speak while this side still looks at the path. */
  function keep(data: Uint8Array): void {
    earlyBytes += data.byteLength;
    if (earlyBytes > LINK.earlyBytes) breach("flood");
    else early.push(data);
  }

  function breach(what: "oversized" | "flood"): void {
    events.onBreach(what);
    end();
  }

  function close(): boolean {
    if (state === "ended") return false;
    state = "ended";
    cancelTimer();
    restarter.stop();
    flow?.stop();
    early = [];
    peer.destroy();
    return true;
  }

  function end(): void {
    if (close()) events.onEnd();
  }

  return {
    role,
    call,
    known: () => known,
    unanswered: () => unanswered,
    isOpen: () => state === "open",
    signal(signal) {
      if (state === "ended") return;
      if (signal.kind === "candidate" && ++candidates > SIGNAL_LIMITS.candidates) return;
      // Each offer, or wish for one, costs a round of ICE: a link that goes on asking is only ignored.
      if ((signal.kind === "offer" || signal.kind === "renegotiate") && ++offers > SIGNAL_LIMITS.offers) return;
      if (signal.kind === "offer" && role === "caller") return;
      if (signal.kind === "answer") {
        if (role === "callee") return;
        unanswered = false;
      }
      if (signal.kind === "renegotiate" && (role === "callee" || state !== "open")) return;
      peer.signal(signal);
    },
    send: (bytes) => state === "open" && flow !== undefined && flow.send(bytes),
    networkChanged() {
      if (state === "open") restarter.networkChanged();
    },
    close: () => void close(),
  };
}
