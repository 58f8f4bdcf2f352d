import type { Digest, SegmentId } from "../../tracker/protocol/index.ts";
import type { CdnFault, EngineEvent, FetchId, Millis } from "../engine/types.ts";
import { type SegmentKey, segmentId } from "../protocol/index.ts";
import { createLane, type Lane } from "./lane.ts";
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

/** `untold`: bytes that came in and of which the engine does not know yet. `stop` is gone when all has come. */
type Transfer = {
  readonly segment: SegmentId;
  readonly lane: Lane;
  stop: (() => { readonly stray: number }) | undefined;
  untold: number;
  openedAt: Millis | undefined;
  bytes: number;
};

/** The CDN as the engine sees it: blocks with their digests, and the end only after the last of them. */
export function createCdnSide({ cdn, hash, sourceOf, clock, feed, onFault }: CdnSideParts): CdnSide {
  const transfers = new Map<FetchId, Transfer>();

  const stop = (transfer: Transfer): number => {
    transfer.lane.close();
    return transfer.untold + (transfer.stop?.().stray ?? 0);
  };

  const abort = (fetch: FetchId): void => {
    const transfer = transfers.get(fetch);
    transfers.delete(fetch);
    // Blocks that still waited for their digest crossed the wire too: they are counted with the loose bytes.
    feed({ t: "cdn-aborted", fetch, stray: transfer === undefined ? 0 : stop(transfer) });
  };

  const get: CdnSide["get"] = (fetch, key, from, to) => {
    const source = sourceOf(key);
    if (source === undefined) {
      feed({ t: "cdn-failed", fetch, stray: 0, fault: { kind: "network" } });
      return;
    }
    const lane = createLane(onFault);
    const transfer: Transfer = {
      segment: segmentId(key),
      lane,
      stop: () => running.abort(),
      untold: 0,
      openedAt: undefined,
      bytes: 0,
    };
    transfers.set(fetch, transfer);
    const end = (stray: number, event: EngineEvent): void => {
      transfer.stop = undefined;
      transfer.untold += stray;
      lane.put(() => {
        transfers.delete(fetch);
        feed(event);
      });
    };
    const running = cdn.get(source, from, to, {
      onOpened: (bytes, first) => {
        transfer.openedAt = clock.now();
        lane.put(() => feed({ t: "cdn-opened", fetch, bytes, from: first }));
      },
      onBlock: (index, bytes) => {
        transfer.bytes += bytes.byteLength;
        transfer.untold += bytes.byteLength;
        lane.putWhen(hash(bytes), (digest) => {
          transfer.untold -= bytes.byteLength;
          feed({ t: "cdn-block", fetch, index, bytes, digest });
        });
      },
      onDone: (stray) => end(stray, { t: "cdn-done", fetch, stray }),
      onFailed: (fault, stray) => end(stray, { t: "cdn-failed", fetch, stray, fault: inPart(fault, from) }),
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
      let untold = 0;
      for (const transfer of transfers.values()) untold += stop(transfer);
      transfers.clear();
      return untold;
    },
  };
}

/**
 * 416 to a part of a segment: the segment has become shorter than the part that is held, which is thus of no use. hls.js retries
 * no 4xx, so the status itself would make such a segment unplayable for good.
 */
const inPart = (fault: CdnFault, from: number): CdnFault =>
  from > 0 && fault.kind === "http" && fault.status === 416 ? { kind: "changed" } : fault;
