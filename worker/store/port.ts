import type { Cell, Counter, Dimension, PlacedSample, Resolution, Span } from "../reports/index.ts";

/** Where cells live cannot be reached at the moment; everything can be asked again. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** What became of a sample; `duplicate`: its (site, session, seq) had been counted before. */
export type FoldOutcome = "folded" | "duplicate";

/** Which cells of a site: in one dimension of the site itself (`stream` null) or of one stream; of one value or of all. */
export type Look = {
  readonly stream: string | null;
  readonly dimension: Dimension;
  readonly value?: string;
  /** Only these counts are wanted; others may be left out. */
  readonly counters?: readonly Counter[];
};

/** A cell and where in time it is. */
export type PlacedCell = { readonly resolution: Resolution; readonly bucket: number; readonly cell: Cell };

/**
 * Where cells live. What it promises is rejected with `StoreUnavailable` while that is out of reach. Each sample adds to many of them (`updatesOf`), and all that a cell holds adds up, so a store adds, takes the
 * union of viewers, and remembers which samples it has counted. The peak of an hour's or a day's cell is the most that any minute of
 * it has counted `inMinute`.
 */
export type ReportStore = {
  /**
   * Counts samples that were not counted before; the outcomes are in their order. All samples of one site are one atomic step: it
   * has happened altogether or, when the promise rejects, perhaps for some sites and not for others. To fold the same samples again
   * is always safe, for `SESSION_MEMORY_MS`.
   */
  readonly fold: (samples: readonly PlacedSample[]) => Promise<readonly FoldOutcome[]>;
  /** Cells that hold anything, by value, in the order of the spans and of time within each. To be read before the next `fold`. */
  readonly read: (
    site: string,
    look: Look,
    spans: readonly Span[],
  ) => Promise<ReadonlyMap<string, readonly PlacedCell[]>>;
  /** Different viewers of a site, or of one stream of it, in all spans together; an estimate where there are many. */
  readonly viewers: (site: string, stream: string | null, spans: readonly Span[]) => Promise<number>;
  /** Sites with data, in alphabetical order. */
  readonly sites: () => Promise<readonly string[]>;
  /** How much is held in this process's memory. */
  readonly size: () => { readonly cells: number; readonly sessions: number };
};
