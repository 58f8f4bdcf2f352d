/**
 * The part of simple-peer 9.11 that the mesh uses. Written out here because `@types/simple-peer` describes the package's other
 * entry, draws Node's types into the browser room, and leaves out `negotiate`, `getStats` and `offerOptions`.
 */
declare module "simple-peer/simplepeer.min.js" {
  type Candidate = { candidate: string; sdpMid?: string | null; sdpMLineIndex?: number | null };

  type SignalData =
    | { type: "offer" | "answer" | "pranswer" | "rollback"; sdp?: string }
    | { type: "candidate"; candidate: Candidate }
    | { type: "renegotiate"; renegotiate: true }
    | { type: "transceiverRequest" };

  type Options = {
    initiator: boolean;
    trickle: boolean;
    objectMode: boolean;
    channelConfig: RTCDataChannelInit;
    config: RTCConfiguration;
    wrtc?: unknown;
  };

  class SimplePeer {
    constructor(options: Options);
    /** Used for every offer that is made from now on. */
    offerOptions: RTCOfferOptions;
    /** Bytes in the channel's send buffer; 0 without a channel. */
    readonly bufferSize: number;
    /** Not public: see `peer.ts` for its only use. */
    readonly _channel: unknown;
    signal(data: SignalData): void;
    send(chunk: Uint8Array): void;
    negotiate(): void;
    getStats(callback: (error: unknown, reports: readonly unknown[] | undefined) => void): void;
    destroy(): void;
    on(event: "signal", listener: (data: SignalData) => void): this;
    on(event: "connect" | "close", listener: () => void): this;
    on(event: "data", listener: (chunk: unknown) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    on(event: "iceStateChange", listener: (state: RTCIceConnectionState) => void): this;
  }

  // biome-ignore lint/style/noDefaultExport: the package has no other.
  export { type Candidate, type Options, type SignalData, SimplePeer as default };
}
