import type { StreamId } from "../../tracker/protocol/index.ts";
import type { Sample, StreamList } from "../protocol/index.ts";
import type { Minute, MinuteRange, Minutes } from "../reports/index.ts";

/** A sample that passed every check, with the minute it counts for. */
export type PlacedSample = { readonly site: string; readonly minute: Minute; readonly sample: Sample };

/** Where buckets live. Streams of the same name on several sites are one stream to a reader. */
export type ReportStore = {
  /**
   * Counts a sample, unless its (site, session, seq) was counted before. One atomic step: it has happened altogether
   * or, when the promise rejects, not at all, so that a job may be run again.
   */
  readonly fold: (placed: PlacedSample) => Promise<"folded" | "duplicate">;
  /** The minutes in a range that hold anything, of one stream or (null) of all. To be read before the next `fold`. */
  readonly read: (stream: StreamId | null, range: MinuteRange) => Promise<Minutes>;
  /** Streams with data, the most played first. */
  readonly streams: () => Promise<StreamList["streams"]>;
  /** How much is held at the moment. */
  readonly size: () => { readonly streams: number; readonly buckets: number; readonly sessions: number };
};
