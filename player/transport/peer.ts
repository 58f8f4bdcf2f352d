import SimplePeer, { type SignalData } from "simple-peer/simplepeer.min.js";
import type { LinkPath } from "../engine/types.ts";
import { pathOf } from "./path.ts";
import type { SignalBody } from "./signals.ts";

export type PeerEvents = {
  readonly onSignal: (signal: SignalBody) => void;
  readonly onConnect: () => void;
  /** One message: bytes, or the text that no honest neighbour sends. */
  readonly onData: (data: Uint8Array | string) => void;
  readonly onIceState: (state: RTCIceConnectionState) => void;
  /** Once, when the connection is lost; not after `destroy`. */
  readonly onGone: () => void;
};

/** One WebRTC connection with its data channel. The only file that knows simple-peer. */
export type RtcPeer = {
  readonly signal: (signal: SignalBody) => void;
  /** Throws when the channel is not open or its buffer is full. */
  readonly send: (bytes: Uint8Array) => void;
  /** Bytes in the send buffer. */
  readonly buffered: () => number;
  /** Listens for the send buffer falling to `bytes`; false where the platform cannot tell. Call it once, after `onConnect`. */
  readonly onLow: (bytes: number, listener: () => void) => boolean;
  /** Starts an ICE restart: as the caller by a new offer, else by asking for one. */
  readonly restart: () => void;
  readonly path: () => Promise<LinkPath | undefined>;
  readonly destroy: () => void;
};

/** What is used of the data channel itself. */
type Channel = {
  bufferedAmountLowThreshold?: number;
  readonly addEventListener: (type: "bufferedamountlow", listener: () => void) => void;
};

/** Throws where there is no WebRTC. `wrtc` is a native binding for Node. */
export function createPeer(caller: boolean, config: RTCConfiguration, wrtc: unknown, events: PeerEvents): RtcPeer {
  const peer = new SimplePeer({
    initiator: caller,
    trickle: true,
    // Else simple-peer turns text into bytes and the two cannot be told apart.
    objectMode: true,
    channelConfig: { ordered: true },
    config,
    ...(wrtc === undefined ? {} : { wrtc }),
  });
  let live = true;

  /** Every error of simple-peer ends the connection, whatever it was; it may also come from a call that races with the end. */
  const lose = (): void => {
    if (!live) return;
    live = false;
    peer.destroy();
    events.onGone();
  };
  const guarded = (act: () => void): void => {
    if (!live) return;
    try {
      act();
    } catch {
      lose();
    }
  };

  peer.on("signal", (data) => {
    const body = live ? bodyOf(data) : undefined;
    if (body !== undefined) events.onSignal(body);
  });
  peer.on("connect", () => {
    // Without media there is nothing to renegotiate but ICE, so every offer after the first restarts it.
    peer.offerOptions = { iceRestart: true };
    if (live) events.onConnect();
  });
  peer.on("data", (chunk) => {
    if (live) events.onData(typeof chunk === "string" ? chunk : bytesOf(chunk));
  });
  peer.on("iceStateChange", (state) => {
    if (live) events.onIceState(state);
  });
  peer.on("error", lose);
  peer.on("close", lose);

  return {
    signal: (signal) => guarded(() => peer.signal(dataOf(signal))),
    send: (bytes) => peer.send(bytes),
    buffered: () => peer.bufferSize,
    onLow(bytes, listener) {
      // simple-peer's own `drain` belongs to its stream, which would queue a second time in front of the channel, without a
      // bound. Blocks go straight to the channel, so its own event is needed, and only `_channel` has it.
      const channel = peer._channel as Channel | null;
      if (typeof channel?.bufferedAmountLowThreshold !== "number") return false;
      channel.bufferedAmountLowThreshold = bytes;
      channel.addEventListener("bufferedamountlow", () => {
        if (live) listener();
      });
      return true;
    },
    restart: () => guarded(() => peer.negotiate()),
    path: () =>
      new Promise((resolve) => {
        if (!live) return resolve(undefined);
        try {
          peer.getStats((_error, reports) => resolve(reports === undefined ? undefined : pathOf(reports)));
        } catch {
          resolve(undefined);
        }
      }),
    destroy() {
      live = false;
      peer.destroy();
    },
  };
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  // A plain view in place of simple-peer's Buffer; both share the message's own memory.
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return new Uint8Array(0);
}

function bodyOf(data: SignalData): SignalBody | undefined {
  switch (data.type) {
    case "offer":
    case "answer":
      return data.sdp === undefined ? undefined : { kind: data.type, sdp: data.sdp };
    case "candidate": {
      const { candidate, sdpMid = null, sdpMLineIndex = null } = data.candidate;
      // Firefox ends its candidates with an empty one, which other browsers need not hear of and some refuse.
      return candidate === "" ? undefined : { kind: "candidate", candidate: { candidate, sdpMid, sdpMLineIndex } };
    }
    case "renegotiate":
      return { kind: "renegotiate" };
    default:
      return undefined;
  }
}

function dataOf(signal: SignalBody): SignalData {
  switch (signal.kind) {
    case "offer":
    case "answer":
      return { type: signal.kind, sdp: signal.sdp };
    case "candidate":
      return { type: "candidate", candidate: signal.candidate };
    case "renegotiate":
      return { type: "renegotiate", renegotiate: true };
  }
}
