import type {
  IceServer,
  Join,
  Nearness,
  Neighbour,
  PeerId,
  SegmentId,
  TrackerMessage,
  ViewerMessage,
} from "../../tracker/protocol/index.ts";
import type { CdnFault, LinkPath, Millis } from "../engine/types.ts";

/** Timers and clock of the surroundings; `now` is monotonic. */
export type Clock = {
  readonly now: () => Millis;
  /** Calls back once after `ms`; returns how to cancel. */
  readonly after: (ms: Millis, callback: () => void) => () => void;
};

/** WebRTC links to neighbours. Knows peers and bytes, nothing of segments. */
export type Mesh = {
  readonly setIceServers: (servers: readonly IceServer[]) => void;
  /** Makes an offer to a neighbour that the tracker named, when those called before it have theirs and the page has had a rest. */
  readonly call: (neighbour: Neighbour) => void;
  /** Lets a neighbour's coming offer in; offers of anybody else are ignored. */
  readonly expect: (neighbour: Neighbour) => void;
  /** A signal from the tracker. Checked here: the sender is a stranger. */
  readonly signal: (from: PeerId, payload: string) => void;
  /** True when the bytes were handed to the link, which copies them. */
  readonly send: (peer: PeerId, bytes: Uint8Array) => boolean;
  readonly drop: (peer: PeerId) => void;
  readonly close: () => void;
};

export type MeshEvents = {
  readonly onSignal: (to: PeerId, payload: string) => void;
  readonly onOpen: (peer: PeerId, near: Nearness, path: LinkPath) => void;
  /** Once for each `onOpen`, and also when a call came to nothing. */
  readonly onClosed: (peer: PeerId) => void;
  readonly onMessage: (peer: PeerId, bytes: Uint8Array) => void;
  /** An open link has lost touch with the neighbour, or found it again; `onClosed` follows where it does not. */
  readonly onSilence: (peer: PeerId, silent: boolean) => void;
  /** What waits in the link's send buffer fell to the low watermark (one block). */
  readonly onWritable: (peer: PeerId) => void;
};

/** A place on the viewer's disk for segments. Nothing of it rejects. */
export type Disk = {
  /** `dropped`: segments that had to make room and are not kept any more. */
  readonly put: (
    segment: SegmentId,
    blocks: readonly Uint8Array[],
  ) => Promise<{ readonly kind: "kept" | "refused"; readonly dropped: readonly SegmentId[] }>;
  readonly read: (segment: SegmentId) => Promise<readonly Uint8Array[] | undefined>;
  readonly remove: (segment: SegmentId) => void;
  /** Removes all that was put. */
  readonly close: () => Promise<void>;
};

/** One WebSocket to the tracker that opens at once, and again by itself, with jittered backoff, until closed. */
export type TrackerLink = {
  /** From now on `TrackerLinkEvents.join` is said as soon as there is a connection, and again on each later one. */
  readonly join: () => void;
  /** False when the link is down; the message is then not sent later either. */
  readonly send: (message: ViewerMessage) => boolean;
  readonly signal: (to: PeerId, payload: string) => boolean;
  readonly close: () => void;
};

export type TrackerLinkEvents = {
  /** What to say first on each connection. */
  readonly join: () => Join;
  readonly onMessage: (message: TrackerMessage) => void;
  readonly onSignal: (from: PeerId, payload: string) => void;
  /** `up` after `welcome`; `down` when the socket is lost; `refused` when connecting again would be no use. */
  readonly onState: (state: "up" | "down" | "refused", detail: string) => void;
};

/** Where a segment can be had from the CDN: the viewer's own URL, as hls.js resolved it. */
export type CdnSource = {
  readonly url: string;
  /** The segment's place inside that resource, `end` exclusive, when the playlist gives a byte range (RFC 8216 section 4.3.2.2). */
  readonly range?: { readonly start: number; readonly end: number };
  readonly headers: Readonly<Record<string, string>>;
  readonly withCredentials: boolean;
  readonly firstByteMs: Millis;
  readonly totalMs: Millis;
};

export type CdnTransferEvents = {
  /**
   * `bytes`: size of the whole segment when the head tells it; `from`: first byte of the segment that will come; `runsOn`: more would
   * come than was asked for, since the origin ignores Range.
   */
  readonly onOpened: (bytes: number | undefined, from: number, runsOn: boolean) => void;
  /** A whole block, in order. The bytes belong to the callee. */
  readonly onBlock: (index: number, bytes: Uint8Array) => void;
  /** `stray`: bytes that came in but in no whole block. */
  readonly onDone: (stray: number) => void;
  readonly onFailed: (fault: CdnFault, stray: number) => void;
};

/** Fetches from the CDN and cuts the answer into blocks as it arrives. */
export type Cdn = {
  /** From byte `from` of the segment (a block's start) to byte `to` (exclusive) or its end. No event follows an abort. */
  readonly get: (
    source: CdnSource,
    from: number,
    to: number | undefined,
    events: CdnTransferEvents,
  ) => { readonly abort: () => { readonly stray: number } };
};
