import type { Contender } from "./contenders.ts";

/** One run of one contender in one scenario. */
export type BrowserResult = {
  readonly scenario: string;
  readonly contender: Contender;
  /** Of the bytes that hls.js got; plain hls.js is at 0. */
  readonly offload: number;
  /** Of the bytes that were played in the end; plain hls.js is below 0, by what it had buffered when it left. */
  readonly offloadOfPlayed: number;
  readonly bound: number;
  /** The most that can be saved of what was played, with one copy of each segment that anybody loaded. */
  readonly boundOfPlayed: number;
  /** Copies of each segment that the origin sent, for segments first asked for after start-up. */
  readonly copiesPerSegment: number | null;
  readonly stalls: number;
  /** From the start of loading to the first frame, each viewer's, in milliseconds. */
  readonly starts: readonly number[];
  /** Median, and each viewer's, in seconds behind the live edge. */
  readonly latency: number | null;
  readonly latencies: readonly number[];
  readonly cpuPerViewer: number;
  /** Of all cores' time, from the first viewer on, 0 to 1. */
  readonly machineBusy: number;
  readonly originBytes: number;
  readonly playedBytes: number;
  readonly errors: readonly string[];
  readonly own: readonly unknown[];
};
