import fc from "fast-check";
import * as v from "valibot";
import { NEARNESS } from "../../../tracker/protocol/index.ts";
import { CDN_REASONS, type Sample, SampleSchema } from "../../../worker/protocol/index.ts";

const bytes = fc.oneof(fc.constantFrom(0, 1), fc.nat({ max: 60_000_000 }));
const sessionArb = fc.nat({ max: 5 }).map((number) => `viewer${number}`.padEnd(22, "_"));

/** Samples of a few sessions that pass every check: `bytes.cdn` is what its reasons add up to. */
export const sampleArb: fc.Arbitrary<Sample> = fc
  .record({
    session: sessionArb,
    seq: fc.nat({ max: 40 }),
    stream: fc.constantFrom("film", "news", "other"),
    near: fc.tuple(...NEARNESS.map(() => fc.oneof(fc.constant(0), fc.nat({ max: 12_000_000 })))),
    relay: bytes,
    reasons: fc.tuple(...CDN_REASONS.map(() => fc.oneof(fc.constant(0), fc.nat({ max: 8_000_000 })))),
    played: bytes,
    uploaded: bytes,
    wasted: bytes,
    stalls: fc.nat({ max: 3 }),
    stallMs: fc.nat({ max: 6_000 }),
    watchMs: fc.nat({ max: 6_000 }),
    startupMs: fc.option(fc.nat({ max: 600_000 }), { nil: undefined }),
  })
  .map(({ near, relay, reasons, startupMs, ...rest }) =>
    v.parse(SampleSchema, {
      ...rest,
      v: 2,
      player: "1.0.0",
      group: "p2p",
      peerBytes: Object.fromEntries(NEARNESS.map((name, index) => [name, near[index]])),
      overhead: 0,
      uplink: 0,
      swarm: 1,
      stallTimes: [],
      rendition: "720p",
      kilobits: 0,
      errors: 0,
      links: [],
      at: 1_769_860_830_000,
      spanMs: 5_000,
      bytes: {
        cdn: reasons.reduce((sum, each) => sum + each, 0),
        peer: near.reduce((sum, each) => sum + each, 0),
        relay,
      },
      cdnReasons: Object.fromEntries(CDN_REASONS.map((reason, index) => [reason, reasons[index]])),
      peers: 0,
      ...(startupMs === undefined ? {} : { startupMs }),
    }),
  );
