import type { Digest, SegmentId } from "../../tracker/protocol/index.ts";
import type { CdnFault, EngineEvent, FetchId, Millis } from "../engine/types.ts";
import { type SegmentKey, segmentId } from "../protocol/index.ts";
import type { Cdn, CdnSource, Clock } from "./ports.ts";

export type CdnSideParts = {
  readonly cdn: Cdn;
  readonly hash: (bytes: Uint8Array) => Promise<Digest>;
  /** Where the segment can be had; `undefined` when nobody on this page ever asked for it. */
  readonly sourceOf: (key: SegmentKey) => CdnSource | undefined;
  readonly clock: Pick<Clock, "now">;
  readonly feed: (event: EngineEvent) => void;
  readonly onFault: (error: unknown) => void;
};

export type CdnSide = {
  readonly get: (fetch: FetchId, key: SegmentKey, from: number, to: number | undefined) => void;
  readonly abort: (fetch: FetchId) => void;
  /** The transfer under way for a segment, if there is one. */
  readonly progress: (key: SegmentKey) => CdnProgress | undefined;
  /** Stops all. Returns how many bytes had come that the engine was not told of. */
  readonly close: () => number;
};

/** A transfer as far as it is. `openedAt`: when the answer's head came, on the session's clock. */
export type CdnProgress = { readonly openedAt: Millis | undefined; readonly bytes: number };

type Transfer = {
  readonly segment: SegmentId;
  readonly abort: () => { readonly stray: number };
  openedAt: Millis | undefined;
  bytes: number;
};

/** The CDN as the engine sees it: blocks as they come, and their digests when they are known. */
export function createCdnSide({ cdn, hash, sourceOf, clock, feed, onFault }: CdnSideParts): CdnSide {
  const transfers = new Map<FetchId, Transfer>();

  const abort = (fetch: FetchId): void => {
    const transfer = transfers.get(fetch);
    transfers.delete(fetch);
    feed({ t: "cdn-aborted", fetch, stray: transfer?.abort().stray ?? 0 });
  };

  const get: CdnSide["get"] = (fetch, key, from, to) => {
    const source = sourceOf(key);
    if (source === undefined) {
      feed({ t: "cdn-failed", fetch, stray: 0, fault: { kind: "network" } });
      return;
    }
    const segment = segmentId(key);
    const transfer: Transfer = { segment, abort: () => running.abort(), openedAt: undefined, bytes: 0 };
    transfers.set(fetch, transfer);
    const end = (event: EngineEvent): void => {
      transfers.delete(fetch);
      feed(event);
    };
    const running = cdn.get(source, from, to, {
      onOpened: (bytes, first, runsOn) => {
        transfer.openedAt = clock.now();
        feed({ t: "cdn-opened", fetch, bytes, from: first, runsOn });
      },
      onBlock: (index, bytes) => {
        transfer.bytes += bytes.byteLength;
        feed({ t: "cdn-block", fetch, index, bytes });
        hash(bytes).then((digest) => feed({ t: "cdn-digest", fetch, segment, index, digest }), onFault);
      },
      onDone: (stray) => end({ t: "cdn-done", fetch, stray }),
      onFailed: (fault, stray) => end({ t: "cdn-failed", fetch, stray, fault: inPart(fault, from) }),
    });
  };

  return {
    get,
    abort,
    progress: (key) => {
      const segment = segmentId(key);
      for (const transfer of transfers.values()) if (transfer.segment === segment) return transfer;
      return undefined;
    },
    close: () => {
      let stray = 0;
      for (const transfer of transfers.values()) stray += transfer.abort().stray;
      transfers.clear();
      return stray;
    },
  };
}

/**
 * 416 to a part of a segment: the segment has become shorter than the part that is held, which is thus of no use. hls.js retries
 * no 4xx, so the status itself would make such a segment unplayable for good.
 */
const inPart = (fault: CdnFault, from: number): CdnFault =>
  from > 0 && fault.kind === "http" && fault.status === 416 ? { kind: "changed" } : fault;
