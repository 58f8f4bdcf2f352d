import type { Digest, Upload } from "../../tracker/protocol/index.ts";
import type { RenditionId, SegmentKey } from "./segment.ts";

/** Version of the peer protocol, told in `hello`. A peer of another version is let go. */
export const PEER_PROTOCOL_VERSION = 4;

/** Why a request is not served. `busy`: ask again later or elsewhere. `not-held`: the announcement no longer holds. */
export const REFUSALS = ["busy", "not-held", "not-sharing"] as const;
export type Refusal = (typeof REFUSALS)[number];

/** How a viewer stands with the tracker. `cut-off`: it hears of digests from its neighbours alone, and nobody of what it buys. */
export const STANDINGS = ["reached", "cut-off"] as const;
export type Standing = (typeof STANDINGS)[number];

/** One segment in a have-map. `blocks` is a bitmap, lowest bit of the first byte first, or `all`. */
export type MapEntry = {
  readonly key: SegmentKey;
  /** Size of the whole segment in bytes, 1 or more. */
  readonly bytes: number;
  readonly blocks: "all" | Uint8Array;
};

/** What two neighbours say to each other over the data channel, one frame a message. Layout: README.md of this folder. */
export type Frame =
  /** First frame of both sides; said again when `upload` changes. `ageMs`: for how long the sender has been watching. */
  | { readonly t: "hello"; readonly version: number; readonly upload: Upload; readonly ageMs: number }
  /**
   * Where the sender is: its rendition and the last segment that it asked for, which a live stream tells by itself and so may be
   * old there. `uplink`: what it can send, in steps of which two double it, from a byte per millisecond on: 20 are 8 Mbit/s.
   */
  | { readonly t: "position"; readonly rendition: RenditionId; readonly asked: number; readonly uplink: number }
  /** All that the sender holds; replaces what it said before. */
  | { readonly t: "map"; readonly entries: readonly MapEntry[] }
  /** `count` blocks from block `from` on are now held as well. */
  | {
      readonly t: "have";
      readonly key: SegmentKey;
      readonly bytes: number;
      readonly from: number;
      readonly count: number;
    }
  /** No block of this segment is held any more. */
  | { readonly t: "lost"; readonly key: SegmentKey }
  /** The sender is fetching this segment from the CDN, so others need not. */
  | { readonly t: "buying"; readonly key: SegmentKey }
  /** Said when it changes. Until it is said the tracker is `reached`. */
  | { readonly t: "tracker"; readonly standing: Standing }
  /** The digests of all blocks of a segment, as its sender knows them; said by who is cut off, and to who is. */
  | { readonly t: "vouch"; readonly key: SegmentKey; readonly bytes: number; readonly digests: readonly Digest[] }
  /** Asks for `count` blocks from block `from` on. Answered by these blocks, or by a `refuse` in place of all or the rest. */
  | {
      readonly t: "request";
      readonly id: number;
      readonly key: SegmentKey;
      readonly from: number;
      readonly count: number;
    }
  | { readonly t: "cancel"; readonly id: number }
  | { readonly t: "block"; readonly id: number; readonly index: number; readonly bytes: Uint8Array }
  | { readonly t: "refuse"; readonly id: number; readonly reason: Refusal };

export type BlockFrame = Extract<Frame, { t: "block" }>;
