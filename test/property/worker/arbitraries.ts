import fc from "fast-check";
import * as v from "valibot";
import { NEARNESS } from "../../../tracker/protocol/index.ts";
import { CDN_REASONS, DEVICES, GROUPS, type Sample, SampleSchema } from "../../../worker/protocol/index.ts";
import type { PlacedSample } from "../../../worker/reports/index.ts";

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

/** Samples of a few minutes around midnight, of viewers in several places, as the worker has them once they passed. */
export const placedArb: fc.Arbitrary<PlacedSample> = fc
  .record({
    sample: sampleArb,
    offset: fc.integer({ min: -7_200_000, max: 7_200_000 }),
    country: fc.constantFrom("DE", "AT", "ZZ"),
    device: fc.constantFrom(...DEVICES),
    group: fc.constantFrom(...GROUPS),
    links: fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 9_000 }), fc.nat({ max: 9_000 })), { maxLength: 3 }),
    stallTimes: fc.array(fc.nat({ max: 60_000 }), { maxLength: 3 }),
    swarm: fc.nat({ max: 50 }),
  })
  .map(({ sample, offset, country, device, group, links, stallTimes, swarm }) => ({
    site: "site",
    at: Date.UTC(2026, 0, 31) + offset,
    country,
    network: "unknown",
    device,
    browser: "other",
    sample: v.parse(SampleSchema, {
      ...sample,
      group,
      stallTimes,
      swarm,
      peer: `0000${sample.session.slice(0, 18)}`,
      links: links.map(([number, received, sent]) => ({ peer: `0000peer${number}`.padEnd(22, "_"), received, sent })),
    }),
  }));
