/** A promise of the engine. */
export type Rule =
  /** Each request ends once: delivered, failed or abandoned. */
  | "answered-once"
  /** The blocks delivered are those of the origin, in order. */
  | "right-bytes"
  /** The store stays within its limit, but for what is waited for. */
  | "store-limit"
  /** Every byte is counted once, and the CDN's add up by reason. */
  | "ledger"
  /** The CDN is asked only for what hls.js waits for or would on its own, once at a time, and stopped when it is not to be played. */
  | "cdn-on-demand"
  /** Nothing is said to a neighbour that is gone or was let go. */
  | "closed-peer"
  /** `wakeAt` is a time, and ticks lead somewhere. */
  | "wake"
  /** Every frame can be encoded. */
  | "frame";

/** A promise that did not hold. */
export type Violation = {
  readonly rule: Rule;
  readonly atMs: number;
  readonly viewer: number;
  readonly detail: string;
};

export type Fault = (rule: Rule, detail: string) => void;

/** Violations that are kept in words; all are counted. */
const KEPT = 50;

/** What all audits of a run found. */
export type Book = {
  readonly violations: readonly Violation[];
  readonly count: () => number;
  readonly note: (violation: Violation) => void;
};

export function createBook(): Book {
  const violations: Violation[] = [];
  let count = 0;
  return {
    violations,
    count: () => count,
    note(violation) {
      count++;
      if (violations.length < KEPT) violations.push(violation);
    },
  };
}
