import type { SegmentId } from "../../tracker/protocol/index.ts";
import { body, cut } from "./blocks.ts";
import { DISK_LIMITS } from "./limits.ts";
import type { Place } from "./place.ts";

/**
 * Why a segment was not kept:
 * - `too-big`: larger than all that may be kept;
 * - `quota`: the browser gives this site no more room;
 * - `busy`: too many bytes wait to be written already; an older copy of the segment is still there;
 * - `failed`: the browser could not write or delete, as after the viewer cleared the site's data;
 * - `closed`: the tier was closed before the segment's turn came.
 */
export type PutRefusal = "too-big" | "quota" | "busy" | "failed" | "closed";

/** `dropped`: segments, oldest first, that had to make room and are not kept any more. Also when it was all in vain. */
export type PutResult =
  | { readonly kind: "kept"; readonly dropped: readonly SegmentId[] }
  | { readonly kind: "refused"; readonly reason: PutRefusal; readonly dropped: readonly SegmentId[] };

/**
 * Segments on the viewer's disk. Everything is carried out one after the other in the order in which it was asked for, so a `read`
 * after a `put` finds what was put. No promise rejects; on a disk that hangs one may stay open.
 */
export type DiskTier = {
  /**
   * Keeps a whole, checked segment, in place of an older copy. The oldest kept ones go when the cap is reached. The blocks are
   * not copied: nobody may change or transfer them before the answer.
   */
  readonly put: (segment: SegmentId, blocks: readonly Uint8Array[]) => Promise<PutResult>;
  /**
   * The segment's bytes in blocks of 64 KiB (the last one shorter), or undefined when it is not there any more. The blocks are
   * views of one new buffer. They were checked when they were put, not again.
   */
  readonly read: (segment: SegmentId) => Promise<readonly Uint8Array[] | undefined>;
  readonly remove: (segment: SegmentId) => void;
  /** Bytes kept now. */
  readonly bytes: () => number;
  /** Deletes all that this session kept. What still waits is refused, or read as undefined. */
  readonly close: () => Promise<void>;
};

/** The reserved domain makes it plain that nothing is ever fetched from there. */
const urlOf = (segment: SegmentId): string => `https://shoal.invalid/?${encodeURIComponent(segment)}`;

/** Keeps segments in `place`, up to `capBytes` bytes. */
export function createTier({ cache, leave }: Place, capBytes: number): DiskTier {
  /** Segments and their sizes in bytes, oldest first. */
  const kept = new Map<SegmentId, number>();
  let bytes = 0;
  let waiting = 0;
  let cap = capBytes;
  let closing: Promise<void> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(step: () => Promise<T>, orElse: (error: unknown) => T): Promise<T> => {
    const done = last.then(step).catch(orElse);
    last = done;
    return done;
  };

  /** Only what the browser says is gone makes room. */
  const drop = async (segment: SegmentId): Promise<undefined> => {
    const size = kept.get(segment) ?? 0;
    if (kept.delete(segment)) await cache.delete(urlOf(segment));
    bytes -= size;
  };
  const ignore = (): undefined => undefined;

  return {
    put: (segment, blocks) => {
      const size = blocks.reduce((sum, block) => sum + block.length, 0);
      const dropped: SegmentId[] = [];
      const refused = (reason: PutRefusal): PutResult => ({ kind: "refused", reason, dropped });
      if (waiting > 0 && waiting + size > DISK_LIMITS.waitingBytes) return Promise.resolve(refused("busy"));
      waiting += size;

      const write = async (): Promise<PutResult> => {
        if (closing !== undefined) return refused("closed");
        await drop(segment);
        if (size > cap) return refused(size > capBytes ? "too-big" : "quota");
        for (const oldest of kept.keys()) {
          if (bytes + size <= cap) break;
          dropped.push(oldest);
          await drop(oldest);
        }
        await cache.put(urlOf(segment), new Response(body(blocks)));
        kept.set(segment, size);
        bytes += size;
        return { kind: "kept", dropped };
      };
      const fail = (error: unknown): PutResult => {
        if (!(error instanceof Error && error.name === "QuotaExceededError")) return refused("failed");
        // From now on a newcomer takes the room of older ones, instead of asking for more each time.
        cap = bytes;
        return refused("quota");
      };
      return inTurn(write, fail).finally(() => {
        waiting -= size;
      });
    },

    read: (segment) =>
      inTurn(async () => {
        const size = kept.get(segment);
        if (closing !== undefined || size === undefined) return undefined;
        const found = await cache
          .match(urlOf(segment))
          .then((response) => response?.arrayBuffer())
          .catch(ignore);
        if (found?.byteLength === size) return cut(new Uint8Array(found));
        return drop(segment);
      }, ignore),

    // What cannot be deleted counts as kept until the cache goes as a whole.
    remove: (segment) => void inTurn(() => drop(segment), ignore),

    bytes: () => bytes,

    close: () => {
      closing ??= inTurn(async () => {
        // One by one, because browsers free a deleted cache's room only once its page is gone, and an entry's at once.
        await Promise.allSettled([...kept.keys()].map(drop));
        await leave();
        // What could not be deleted is removed by the next session.
      }, ignore);
      return closing;
    },
  };
}
