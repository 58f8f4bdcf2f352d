import { blake2s } from "@noble/hashes/blake2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * How many different viewers there were, in bounded memory and without keeping anyone's session id: every session
 * becomes a keyed 52-bit mark, and a set keeps the `VIEWER_MARKS` smallest. Below that many viewers the count is
 * exact; from there on, the largest mark kept tells how densely they lie, with a standard error of 1/sqrt(VIEWER_MARKS
 * - 2), 3.1 %. Sets merge in any order, so that a
 * store with a HyperLogLog of its own may use that instead.
 */
export const VIEWER_MARKS = 1024;
const MARK_BITS = 52;

/** Ascending marks without repeats, at most `VIEWER_MARKS` of them. */
export type Viewers = readonly number[];

export const NO_VIEWERS: Viewers = [];

/**
 * Mark of a session: an integer below 2^52. The key (1-32 bytes) must be secret, or viewers could pick ids with small
 * marks and so claim a crowd; sets merge only when made with the same key.
 */
export const viewerMark = (key: Uint8Array, session: string): number => {
  const hash = blake2s(utf8ToBytes(session), { key, dkLen: 8 });
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  return view.getUint32(0) * 2 ** (MARK_BITS - 32) + (view.getUint32(4) >>> (64 - MARK_BITS));
};

/** The set of these marks. */
export const viewersOf = (marks: readonly number[]): Viewers =>
  [...new Set(marks)].sort((a, b) => a - b).slice(0, VIEWER_MARKS);

/** Union of two sets. */
export const mergeViewers = (a: Viewers, b: Viewers): Viewers => {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const union: number[] = [];
  let i = 0;
  let j = 0;
  while (union.length < VIEWER_MARKS) {
    const left = a[i] ?? Number.POSITIVE_INFINITY;
    const right = b[j] ?? Number.POSITIVE_INFINITY;
    const next = Math.min(left, right);
    if (next === Number.POSITIVE_INFINITY) break;
    if (left === next) i += 1;
    if (right === next) j += 1;
    union.push(next);
  }
  return union;
};

/** Number of different viewers in the set, an integer. */
export const countViewers = (viewers: Viewers): number => {
  const last = viewers[VIEWER_MARKS - 1];
  return last === undefined ? viewers.length : Math.round((VIEWER_MARKS - 1) / (last / 2 ** MARK_BITS));
};
