import * as v from "valibot";
import { type ReceivedSample, ReceivedSampleSchema } from "../../../worker/protocol/index.ts";
import type { PlacedSample } from "../../../worker/reports/index.ts";

/** 2026-01-31T12:00:30Z, in the middle of a minute. */
export const NOON = Date.UTC(2026, 0, 31, 12, 0, 30);

type SampleInput = v.InferInput<typeof ReceivedSampleSchema>["sample"];

/** Session ids are 22 characters; tests tell them apart by a number. */
export const sessionId = (number: number): string => `s${number}`.padEnd(22, "_");

/** A sample as JSON: 5 s in which 1000 bytes were played, 400 of them from the CDN. */
export const rawSample = (changes: Partial<SampleInput> = {}): SampleInput => ({
  v: 2,
  player: "1.0.0",
  group: "p2p",
  session: sessionId(1),
  seq: 0,
  stream: "film",
  at: NOON,
  spanMs: 5_000,
  bytes: { cdn: 400, peer: 600, relay: 0 },
  peerBytes: { lan: 600, network: 0, as: 0, country: 0, far: 0 },
  overhead: 9,
  uplink: 2_000,
  swarm: 2,
  stallTimes: [200],
  rendition: "720p",
  kilobits: 6_000,
  errors: 0,
  links: [],
  cdnReasons: { start: 300, duty: 100, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 },
  played: 1_000,
  uploaded: 50,
  wasted: 7,
  stalls: 1,
  stallMs: 200,
  watchMs: 4_000,
  peers: 3,
  ...changes,
});

/** The same as the tracker would have received it, at `NOON` on the site `site`. */
export const received = (
  changes: Partial<SampleInput> = {},
  envelope: Partial<Omit<ReceivedSample, "sample">> = {},
): ReceivedSample =>
  v.parse(ReceivedSampleSchema, {
    site: "site",
    receivedAt: NOON,
    country: "DE",
    network: "3320",
    device: "desktop",
    browser: "chrome",
    ...envelope,
    sample: rawSample(changes),
  });

/** The same as the worker has it once it passed: placed at the time it was received. */
export const placed = (...of: Parameters<typeof received>): PlacedSample => {
  const { receivedAt, ...rest } = received(...of);
  return { ...rest, at: receivedAt };
};
