import { LIMITS } from "../../tracker/protocol/index.ts";
import type { Sample } from "../../worker/protocol/index.ts";
import type { Millis } from "../engine/types.ts";
import type { Clock } from "../session/ports.ts";
import type { MadeSample, Reading, SampleMaker } from "./sample-maker.ts";

/** Samples kept until the tracker has them. Beyond that they are merged, or the oldest is given up. */
export const MOST_KEPT = 64;
/** A sample that was sent and not acknowledged goes out again after this time, in milliseconds. */
const RESEND_MS = 30_000;
/** Time between two samples until the operator's policy is known, in milliseconds. */
const FIRST_INTERVAL_MS = 10_000;

export type SamplerParts = {
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly maker: SampleMaker;
  readonly read: () => Reading;
  /** Nothing plays, so that a sample without news need not be sent. */
  readonly paused: () => boolean;
  /** Over the signalling socket: false when it is not open. At most `LIMITS.samplesPerReport` at a time. */
  readonly send: (samples: readonly Sample[]) => boolean;
  /** Without a socket and without an answer: false when the browser took it not. */
  readonly beacon: (samples: readonly Sample[]) => boolean;
  /** The socket is closed for good, so that nothing will be acknowledged any more. */
  readonly cutOff: () => boolean;
};

export type Sampler = {
  readonly setInterval: (ms: Millis) => void;
  /** The socket is open (again): all that was not acknowledged goes out. */
  readonly onUp: () => void;
  readonly onReported: (seqs: readonly number[]) => void;
  /** Makes a sample now and sends it, for news that should not wait. */
  readonly sampleNow: () => void;
  /** The page may be gone in a moment: sends all that is outstanding, by the socket or else as a beacon. */
  readonly flush: () => void;
  readonly stop: () => void;
  /** Samples given up because the tracker could not be reached for too long. */
  readonly lost: () => number;
};

type Kept = MadeSample & { sentAt: Millis | undefined; seen: boolean };

/** Makes a sample every few seconds and sees to it that the tracker gets each, at least once. */
export function createSampler(parts: SamplerParts): Sampler {
  const { clock, maker } = parts;
  const beganAt = clock.now();
  let kept: Kept[] = [];
  let lost = 0;
  let intervalMs = FIRST_INTERVAL_MS;
  let cancel: () => void = () => undefined;

  const makeRoom = (): void => {
    const newest = kept.at(-1);
    if (kept.length < MOST_KEPT || newest === undefined) return;
    if (newest.seen) {
      kept.shift();
      lost++;
    } else {
      kept.pop();
      maker.takeBack(newest);
    }
  };

  const make = (): void => {
    const reading = parts.read();
    if (parts.paused() && maker.nothingNew(reading)) return;
    makeRoom();
    kept.push({
      ...maker.make(reading, clock.now() - beganAt, parts.wallClock()),
      sentAt: undefined,
      seen: false,
    });
  };

  const isDue = ({ sentAt }: Kept): boolean => sentAt === undefined || clock.now() - sentAt >= RESEND_MS;

  /** Sends in portions until one is not taken. */
  const sendOut = (due: readonly Kept[], last: boolean): void => {
    for (let i = 0; i < due.length; i += LIMITS.samplesPerReport) {
      const portion = due.slice(i, i + LIMITS.samplesPerReport);
      const samples = portion.map(({ sample }) => sample);
      const cutOff = parts.cutOff();
      const taken = parts.send(samples) || ((last || cutOff) && parts.beacon(samples));
      if (!taken) return;
      for (const one of portion) {
        one.sentAt = clock.now();
        one.seen = true;
      }
      if (cutOff) kept = kept.filter((one) => !portion.includes(one));
    }
  };

  const arm = (): void => {
    cancel();
    cancel = clock.after(intervalMs, () => {
      arm();
      sampleNow();
    });
  };

  const sampleNow = (): void => {
    make();
    sendOut(kept.filter(isDue), false);
  };

  arm();
  return {
    sampleNow,
    setInterval: (ms) => {
      if (ms === intervalMs) return;
      intervalMs = ms;
      arm();
    },
    onUp: () => sendOut(kept, false),
    onReported: (seqs) => {
      kept = kept.filter(({ sample, seen }) => !(seen && seqs.includes(sample.seq)));
    },
    flush: () => {
      make();
      sendOut(kept, true);
    },
    stop: () => cancel(),
    lost: () => lost,
  };
}
