import type { CdnFault } from "../../player/engine/types.ts";
import { PEER_LIMITS } from "../../player/protocol/index.ts";
import type { SegmentId } from "../../tracker/protocol/index.ts";
import type { Media } from "./media.ts";
import type { Timeline } from "./queue.ts";
import type { OriginModel } from "./scenario.ts";
import { type Device, receive } from "./wire.ts";

/** What a viewer hears of a transfer. No event follows an abort. */
export type TransferEvents = {
  readonly opened: (bytes: number, from: number, runsOn: boolean) => void;
  readonly block: (index: number, bytes: Uint8Array) => void;
  readonly done: () => void;
  readonly failed: (fault: CdnFault) => void;
};

export type Transfer = {
  /** Returns how many bytes had come in that were in no block told. */
  readonly abort: () => number;
};

export type Range = { readonly from: number; readonly to: number | undefined };

/** The CDN: whoever asks gets a segment, or a part of it. Bytes count when a viewer has received them. */
export type Origin = {
  readonly get: (device: Device, media: Media, range: Range, events: TransferEvents) => Transfer;
  readonly healthy: (from: number, to: number) => boolean;
  readonly bytes: () => number;
  readonly requests: () => number;
  /** Bytes sent of each segment. */
  readonly bySegment: ReadonlyMap<SegmentId, number>;
};

export function createOrigin(time: Timeline, model: OriginModel): Origin {
  const bySegment = new Map<SegmentId, number>();
  const bytesPerMs = model.bitsPerSecond / 8000;
  const capacity = model.capacity / 8000;
  let total = 0;
  let requests = 0;
  let freeAt = 0;

  const isOut = (at: number): boolean => model.outages.some((outage) => at >= outage.fromMs && at < outage.toMs);

  const count = (media: Media, bytes: number): void => {
    total += bytes;
    bySegment.set(media.id, (bySegment.get(media.id) ?? 0) + bytes);
  };

  const get: Origin["get"] = (device, media, range, events) => {
    requests++;
    let over = false;
    /** When the last chunk was or will be ready to leave. */
    let readyAt = 0;
    /** The chunk that is in the downlink now: its size, and from when to when. */
    let coming: { readonly bytes: number; readonly from: number; readonly to: number } | undefined;
    const first = model.range ? range.from / PEER_LIMITS.blockBytes : 0;
    const end = model.range && range.to !== undefined ? range.to / PEER_LIMITS.blockBytes : media.blocks.length;
    let index = first;

    const fail = (fault: CdnFault): void => {
      over = true;
      events.failed(fault);
    };

    const next = (): void => {
      if (over) return;
      const block = media.blocks[index];
      if (block === undefined || index >= end) {
        over = true;
        events.done();
        return;
      }
      const bytes = block.byteLength;
      freeAt = Math.max(freeAt, time.now()) + bytes / capacity;
      readyAt = Math.max(readyAt + bytes / bytesPerMs, freeAt);
      time.at(readyAt, () => {
        if (over) return;
        const from = Math.max(time.now(), device.downFreeAt);
        const to = receive(time, device, bytes, () => arrived(block));
        coming = { bytes, from, to };
      });
    };

    const arrived = (block: Uint8Array): void => {
      if (over) return;
      coming = undefined;
      count(media, block.byteLength);
      events.block(index++, block);
      if (!over && isOut(time.now())) fail({ kind: "network" });
      else next();
    };

    time.after(model.firstByteMs + 2 * device.latencyMs, () => {
      if (over) return;
      if (isOut(time.now())) {
        fail({ kind: "http", status: 503 });
        return;
      }
      events.opened(media.bytes, model.range ? range.from : 0, !model.range && range.to !== undefined);
      readyAt = time.now();
      next();
    });

    return {
      abort() {
        if (over) return 0;
        over = true;
        if (coming === undefined) return 0;
        const { bytes, from, to } = coming;
        const share = Math.max(0, Math.min(1, (time.now() - from) / (to - from)));
        const stray = Math.floor(bytes * share);
        count(media, stray);
        return stray;
      },
    };
  };

  return {
    get,
    healthy: (from, to) => model.outages.every((outage) => to < outage.fromMs || from >= outage.toMs),
    bytes: () => total,
    requests: () => requests,
    bySegment,
  };
}
