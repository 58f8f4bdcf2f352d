import type { Nearness } from "../../tracker/protocol/index.ts";
import type { Caution, CdnReason } from "../../worker/protocol/index.ts";

/** What a page may set. Everything has a default that is safe for the viewer. */
export type ShoalOptions = {
  /** The tracker's http(s) base URL. Default: where the script itself came from. */
  readonly tracker?: string;
  /** The site's own name for the stream, 1-512 characters. Default: the manifest URL without its query. */
  readonly stream?: string;
  /** Signed token of the site's backend, when the tracker asks for one. */
  readonly token?: string;
  /** `share` (default): give and take. `receive`: only take. `off`: plain hls.js; nothing connects. */
  readonly upload?: "share" | "receive" | "off";
  /** Handed to each RTCPeerConnection; its `iceServers` stand in front of the tracker's. */
  readonly rtcConfig?: RTCConfiguration;
  readonly limits?: {
    /** Bytes of segments kept in memory. Default by device: 96 MB, half of that on small ones. */
    readonly storeBytes?: number;
    /**
     * Bytes of segments on demand kept on the viewer's disk once memory is full, so that what was watched can still be shared;
     * removed when the session ends. Default: 0, nothing is written. At most a tenth of what the browser grants the site.
     */
    readonly diskBytes?: number;
    /** Upload, in bits per second; the operator's policy may be lower. */
    readonly uploadBitsPerSecond?: number;
    /** Bytes uploaded for each byte received, beyond the first 16 MiB. Default: no bound but `uploadBitsPerSecond`. */
    readonly uploadRatio?: number;
    /** Neighbours at one time, 1-32. */
    readonly neighbours?: number;
  };
};

/** Where one segment came from. */
export type SegmentEvent = {
  readonly rendition: string;
  readonly msn: number;
  readonly bytes: number;
  readonly cdnBytes: number;
  readonly peerBytes: number;
  readonly relayBytes: number;
  /** Neighbours that gave a part of it. */
  readonly peers: readonly string[];
  /** Why the CDN was asked; undefined when it was not. */
  readonly reason: CdnReason | undefined;
  /** From request to last byte, in milliseconds. */
  readonly tookMs: number;
};

/** A neighbour connected now. */
export type PeerInfo = {
  readonly id: string;
  readonly near: Nearness;
  /** Through a TURN server, or straight. */
  readonly relayed: boolean;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** From request to first answer, in milliseconds. */
  readonly responseMs: number | undefined;
};

/** Counted since the session began; bytes are integers. */
export type ShoalStats = {
  readonly cdnBytes: number;
  readonly peerBytes: number;
  /** Through TURN; not part of `peerBytes`. */
  readonly relayBytes: number;
  readonly uploadBytes: number;
  /** Handed to hls.js. */
  readonly playedBytes: number;
  readonly wastedBytes: number;
  /** Neighbours connected now. */
  readonly peers: number;
  /** Viewers of this stream, as the tracker last said. */
  readonly swarmSize: number;
  readonly cdnReasons: Readonly<Record<CdnReason, number>>;
  /** `(played - cdn - relay) / played`; null before anything was played. */
  readonly offload: number | null;
  readonly stalls: number;
  readonly stallMs: number;
  /** Time from attach to the first frame; undefined before it. */
  readonly startupMs: number | undefined;
  readonly storedBytes: number;
  /**
   * How far the session has backed off because neighbours disturbed playback: `wary` keeps fewer neighbours and more time in hand,
   * `off` has left the mesh for a few minutes. It comes back by itself.
   */
  readonly caution: Caution;
  readonly tracker: TrackerState;
  /** What the tracker's state is about, in words; may be empty. */
  readonly trackerDetail: string;
};

/** `off`: peer delivery is switched off or not possible on this device, and the page plays as without Shoal. */
export type TrackerState = "connecting" | "up" | "down" | "refused" | "off";

/** The detail of the last `tracker` event of a session. */
export const SESSION_ENDED = "the session has ended";

export type ShoalEvents = {
  readonly segment: SegmentEvent;
  readonly peers: readonly PeerInfo[];
  /** `detail` says in words what happened. */
  readonly tracker: { readonly state: TrackerState; readonly detail: string };
};

/** A running session, made by `attachShoal`. */
export type ShoalSession = {
  readonly stats: () => ShoalStats;
  readonly peers: () => readonly PeerInfo[];
  /** Returns how to stop listening. */
  readonly on: <Name extends keyof ShoalEvents>(name: Name, listener: (event: ShoalEvents[Name]) => void) => () => void;
  /**
   * Shows what the session does, over the page: neighbours, where each segment came from and why. Called again it goes away;
   * returns how to close it. Opened from the start where the page's URL has `?shoal-debug`. Loaded on demand; when that fails,
   * the console says so and nothing else happens.
   */
  readonly overlay: () => () => void;
  /** Sends the last sample, closes every link and leaves hls.js playing from the CDN. May be called twice. */
  readonly destroy: () => void;
};

/** A session before it can be looked at. */
export type Watched = Omit<ShoalSession, "overlay">;

/** A session and its last segments, oldest first: who looks because something is odd wants to know what was. */
export type Remembered = Watched & { readonly recent: () => readonly SegmentEvent[] };
