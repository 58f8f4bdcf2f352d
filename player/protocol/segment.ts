import type { SegmentId } from "../../tracker/protocol/index.ts";
import { PEER_LIMITS } from "./limits.ts";

declare const kind: unique symbol;

/** Names a rendition alike in every viewer, whatever CDN host or token its playlist came from. Printable ASCII, 1-64. */
export type RenditionId = string & { readonly [kind]: "RenditionId" };

/**
 * What viewers call a segment: rendition and media sequence number (RFC 8216 section 3), and the index of the part when it is
 * a partial segment. Never a URL. A byte range needs no place here: each range has a media sequence number of its own.
 */
export type SegmentKey = {
  readonly rendition: RenditionId;
  readonly msn: number;
  readonly part?: number;
};

const RENDITION = /^[\x21-\x2e\x30-\x7e]{1,64}$/;

/** Makes a rendition id of any text: what is not printable ASCII (or a slash) becomes `_`, and it is cut to 64 characters. */
export function renditionId(text: string): RenditionId {
  const safe = text.replace(/[^\x21-\x2e\x30-\x7e]/g, "_").slice(0, PEER_LIMITS.renditionLength);
  return (safe === "" ? "_" : safe) as RenditionId;
}

/** A rendition id as it came off the wire, or `undefined` when it is not one. */
export function parseRenditionId(text: string): RenditionId | undefined {
  return RENDITION.test(text) ? (text as RenditionId) : undefined;
}

/** The key as one printable string: `rendition/msn`, or `rendition/msn.part`. Used as map key and towards the tracker. */
export function segmentId(key: SegmentKey): SegmentId {
  return (
    key.part === undefined ? `${key.rendition}/${key.msn}` : `${key.rendition}/${key.msn}.${key.part}`
  ) as SegmentId;
}

/** Blocks in a segment of `bytes` bytes. */
export const blockCount = (bytes: number): number => Math.ceil(bytes / PEER_LIMITS.blockBytes);

/** Size in bytes of block `index` of a segment of `bytes` bytes; 0 beyond its end. */
export const blockSize = (bytes: number, index: number): number =>
  Math.max(0, Math.min(PEER_LIMITS.blockBytes, bytes - index * PEER_LIMITS.blockBytes));
