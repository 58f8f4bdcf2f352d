import type { PeerId } from "../../tracker/protocol/index.ts";
import { type Caution, type Group, SAMPLE_LIMITS, SAMPLE_VERSION, type Sample } from "../../worker/protocol/index.ts";
import type { Millis } from "../engine/types.ts";
import {
  type Counts,
  countsOf,
  isQuiet,
  minus,
  of,
  plus,
  sampleFields,
  type Traffic,
  untold,
  type Watched,
  ZERO,
} from "./counts.ts";

/** The session at one moment. */
export type Reading = Traffic & {
  readonly watched: Watched & {
    readonly startupMs: Millis | undefined;
    /** The level on the screen: its height in lines and its bitrate in bits per second, each 0 when unknown. */
    readonly level: { readonly height: number; readonly bitrate: number } | undefined;
  };
  readonly group: Group;
  /** The viewer's own id in the swarm. */
  readonly self: PeerId | undefined;
  /** How far the viewer has backed off now. */
  readonly caution: Caution;
  /** What the viewer may send now, in bits per second. */
  readonly uplink: number;
  /** Neighbours connected now. */
  readonly peers: number;
  /** Viewers of the stream, as the tracker last said. */
  readonly swarm: number;
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
export function createSampleMaker(who: Pick<Sample, "session" | "stream" | "player">): SampleMaker {
  let told = ZERO;
  let startupTold = false;
  let seq = 0;
  return {
    make: (reading, spanMs, at) => {
      const { watched, group, self, peers, swarm } = reading;
      const counts = untold(countsOf(reading, watched, spanMs), told);
      const startupMs = startupTold ? undefined : watched.startupMs;
      const ended = of(told, "ended");
      // Time beyond a sample's longest span (a machine that slept) is nobody's.
      told = { ...plus(told, counts), spanMs: Math.floor(spanMs) };
      startupTold = watched.startupMs !== undefined;
      const sample: Sample = {
        v: SAMPLE_VERSION,
        ...who,
        seq: seq++,
        at: Math.floor(at),
        group,
        ...(self && { peer: self }),
        ...sampleFields(counts),
        stallTimes: watched.stallTimes
          .slice(ended, ended + of(counts, "ended"))
          .map((ms) => whole(ms, SAMPLE_LIMITS.stallTimeMs)),
        ...(reading.caution === "none" ? {} : { caution: reading.caution }),
        ...(startupMs === undefined ? {} : { startupMs: whole(startupMs, SAMPLE_LIMITS.startupMs) }),
        rendition: renditionOf(watched.level),
        kilobits: whole(((watched.level?.bitrate ?? 0) * of(counts, "watchMs")) / 1e6, SAMPLE_LIMITS.kilobits),
        uplink: whole((reading.uplink * of(counts, "spanMs")) / 8000, SAMPLE_LIMITS.bytes),
        peers: whole(peers, SAMPLE_LIMITS.peers),
        swarm: whole(swarm, SAMPLE_LIMITS.swarm),
      };
      return { sample, counts };
    },
    nothingNew: (reading) =>
      isQuiet(untold(countsOf(reading, reading.watched, 0), told)) &&
      startupTold === (reading.watched.startupMs !== undefined),
    takeBack: ({ sample, counts }) => {
      told = minus(told, counts);
      if (sample.startupMs !== undefined) startupTold = false;
      seq = sample.seq;
    },
  };
}

const whole = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));

/** What viewers call it: lines, or kilobits where the playlist tells no resolution. */
function renditionOf(level: Reading["watched"]["level"]): string {
  if (level === undefined) return "unknown";
  if (level.height > 0) return `${Math.round(level.height)}p`;
  return level.bitrate > 0 ? `${Math.round(level.bitrate / 1000)}k` : "unknown";
}
