import type { Wire } from "../wire.ts";

/** Neighbours that each newcomer is introduced to, and calls. */
export const NEIGHBOURS = 5;

/** A viewer as the bench sees it, whatever the server. */
export type Viewer = {
  readonly wire: Wire;
  /** Joins its stream; settles with the server's answer. */
  readonly join: () => Promise<void>;
  /** Joins as this tracker's own clients do, so that it is introduced to `NEIGHBOURS` neighbours, none of which answers. */
  readonly introduce: () => Promise<void>;
  /** Joins, calls `NEIGHBOURS` neighbours, and settles when all have answered. */
  readonly match: () => Promise<void>;
  /** Viewers that the server named to it, or had call it. */
  readonly met: () => number;
  /** The size of the swarm as the server told it last. */
  readonly swarmSize: () => number;
  /** Sends `count` signals to another viewer, one at a time, each when the one before has come back. */
  readonly relay: (to: Viewer, count: number) => Promise<void>;
};

/** What a browser with five interfaces' worth of candidates offers, 1.3 KB as JSON, as WebRTC's non-trickled SDP is. */
export const SDP = { type: "offer", sdp: sdpOf(1230) } as const;
export const ANSWER = { type: "answer", sdp: SDP.sdp } as const;
/** Length in bytes of the signals that are relayed one by one. */
export const RELAYED_BYTES = 1500;

function sdpOf(length: number): string {
  const head =
    "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS\r\n" +
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:4ZcD\r\n";
  let sdp = head;
  for (let i = 0; JSON.stringify(sdp).length < length; i++) {
    sdp += `a=candidate:${1_000_000 + i} 1 udp 2122260223 192.0.2.${i} 46154 typ host generation 0\r\n`;
  }
  return sdp;
}

/** A promise and how to settle it. */
export function latch(): { readonly done: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { done, open };
}
