import { PEER_LIMITS } from "../protocol/index.ts";
import type { Answer } from "./answer.ts";

const BLOCK = PEER_LIMITS.blockBytes;

/** How the body ended, or that it goes on. `enough`: all that is wanted is there, what follows is of no use. */
export type Cut = "more" | "enough" | "wrong-size";

export type Cutter = {
  /** Takes the next piece of the body. */
  readonly push: (piece: Uint8Array) => Cut;
  /** The body ended by itself. Hands on a last short block. */
  readonly finish: () => "done" | "wrong-size";
  /** Bytes that came in and are in no block handed on. */
  readonly stray: () => number;
  /** Hands on nothing more, not even from the piece being taken. */
  readonly stop: () => void;
};

/**
 * Cuts a body into the segment's blocks, however the network cut it. A block is handed on as soon as its last byte is there;
 * every byte is in exactly one block or in `stray`.
 */
export function createCutter(answer: Answer, onBlock: (index: number, bytes: Uint8Array) => void): Cutter {
  const { at, size, end, runsOn } = answer;
  let received = 0;
  /** Bytes of the body that have found their place; what follows of the piece being taken is only received yet. */
  let taken = 0;
  let handedOn = 0;
  let stopped = false;
  let block: Uint8Array | undefined;
  let filled = 0;

  const place = (): number => at + taken;
  /** Where block `index` ends: the segment's last one is short. Before its size is known, where the wanted bytes end. */
  const blockEnd = (index: number): number => Math.min((index + 1) * BLOCK, size ?? end ?? Number.POSITIVE_INFINITY);

  function handOn(index: number, bytes: Uint8Array): void {
    handedOn += bytes.byteLength;
    block = undefined;
    filled = 0;
    onBlock(index, bytes);
  }

  /** Takes from the front of `piece` what lies in one block, or before one. Returns how many bytes that is. */
  function take(piece: Uint8Array, limit: number): number {
    const from = place();
    const index = Math.floor(from / BLOCK);
    const start = index * BLOCK;
    const stop = blockEnd(index);
    const count = Math.min(piece.byteLength, (from < 0 ? 0 : stop) - from, limit - from);
    taken += count;
    // Before the segment, or within a block whose beginning is not in this body.
    if (from < 0 || (from !== start && block === undefined)) return count;
    block ??= new Uint8Array(stop - start);
    block.set(piece.subarray(0, count), filled);
    filled += count;
    if (filled === block.byteLength) handOn(index, block);
    return count;
  }

  return {
    push(piece) {
      received += piece.byteLength;
      const limit = end ?? PEER_LIMITS.segmentBytes;
      let rest = piece;
      while (rest.byteLength > 0 && place() < limit && !stopped) rest = rest.subarray(take(rest, limit));
      if (runsOn && place() >= limit) return "enough";
      return rest.byteLength > 0 ? "wrong-size" : "more";
    },
    finish() {
      const whole = end === undefined || place() === end;
      if (!whole || place() <= 0) return "wrong-size";
      // The size was not told, so the body's end is the segment's.
      if (end === undefined && block !== undefined) {
        handOn(Math.floor((place() - 1) / BLOCK), block.slice(0, filled));
      }
      return "done";
    },
    stray: () => received - handedOn,
    stop() {
      stopped = true;
    },
  };
}
