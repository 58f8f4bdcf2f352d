import type { SessionId, StreamId } from "../../tracker/protocol/index.ts";
import { SAMPLE_LIMITS, type Sample } from "../../worker/protocol/index.ts";
import type { Millis, Totals } from "../engine/types.ts";
import { type Counts, countsOf, isQuiet, minus, plus, sampleFields, untold, type Watched, ZERO } from "./counts.ts";

/** The session at one moment. */
export type Reading = {
  readonly totals: Totals;
  readonly watched: Watched & { readonly startupMs: Millis | undefined };
  /** Neighbours connected now. */
  readonly peers: number;
};

/** A sample with what it told, so that it can be taken back. */
export type MadeSample = { readonly sample: Sample; readonly counts: Counts };

export type SampleMaker = {
  /** The next numbered sample: all that happened since the one before. `at`: milliseconds since 1970. */
  readonly make: (reading: Reading, spanMs: Millis, at: number) => MadeSample;
  /** Would a sample made now tell nothing? */
  readonly nothingNew: (reading: Reading) => boolean;
  /** Takes the newest sample back, which nobody has seen: what it told is told by the next one, under its number. */
  readonly takeBack: (newest: MadeSample) => void;
};

/** Makes the samples of one session: each tells what no other tells, so that they add up to what was counted. */
export function createSampleMaker(session: SessionId, stream: StreamId): SampleMaker {
  let told = ZERO;
  let startupTold = false;
  let seq = 0;
  return {
    make: ({ totals, watched, peers }, spanMs, at) => {
      const counts = untold(countsOf(totals, watched, spanMs), told);
      const startupMs = startupTold ? undefined : watched.startupMs;
      // Time beyond a sample's longest span (a machine that slept) is nobody's.
      told = { ...plus(told, counts), spanMs: Math.floor(spanMs) };
      startupTold = watched.startupMs !== undefined;
      const sample: Sample = {
        session,
        seq: seq++,
        stream,
        at: Math.floor(at),
        ...sampleFields(counts),
        ...(startupMs === undefined
          ? {}
          : { startupMs: Math.min(SAMPLE_LIMITS.startupMs, Math.max(0, Math.round(startupMs))) }),
        peers: Math.min(SAMPLE_LIMITS.peers, peers),
      };
      return { sample, counts };
    },
    nothingNew: ({ totals, watched }) =>
      isQuiet(untold(countsOf(totals, watched, 0), told)) && startupTold === (watched.startupMs !== undefined),
    takeBack: ({ sample, counts }) => {
      told = minus(told, counts);
      if (sample.startupMs !== undefined) startupTold = false;
      seq = sample.seq;
    },
  };
}
