import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { PROFILE_NAMES } from "../../sim/profiles.ts";
import { DEFAULTS, type Joins, type Scenario } from "../../sim/scenario.ts";
import { play } from "./checks.ts";

const ms = (most: number) => fc.integer({ min: 0, max: most });

const joins: fc.Arbitrary<Joins> = fc.oneof(
  ms(20_000).map((withinMs) => ({ kind: "flash", withinMs }) as const),
  ms(5000).map((everyMs) => ({ kind: "every", everyMs }) as const),
  fc.integer({ min: 1, max: 5000 }).map((meanMs) => ({ kind: "poisson", meanMs }) as const),
);

const outages = fc
  .option(fc.record({ fromMs: ms(50_000), forMs: fc.integer({ min: 1000, max: 20_000 }) }), { nil: undefined })
  .map((outage) => (outage === undefined ? [] : [{ fromMs: outage.fromMs, toMs: outage.fromMs + outage.forMs }]));

const OFF_AND_ON: Scenario["policies"] = [
  { atMs: 20_000, mode: "off" },
  { atMs: 35_000, mode: "share" },
];
const NEVER = Number.POSITIVE_INFINITY;
const trackerDown = fc.constantFrom(
  { fromMs: NEVER, toMs: NEVER, share: 1 },
  { fromMs: NEVER, toMs: NEVER, share: 1 },
  { fromMs: 0, toMs: NEVER, share: 1 },
  { fromMs: 20_000, toMs: 30_000, share: 1 },
  { fromMs: 20_000, toMs: NEVER, share: 0.5 },
);

/** Small worlds in which much goes wrong at once. */
const world: fc.Arbitrary<Partial<Scenario>> = fc.record({
  seed: fc.nat(),
  viewers: fc.integer({ min: 3, max: 12 }),
  minutes: fc.constant(1),
  mode: fc.constantFrom("live", "vod"),
  profile: fc.constantFrom(...PROFILE_NAMES),
  joins,
  leaves: fc.record({
    perMinute: fc.constantFrom(0, 0.5, 2),
    replace: fc.boolean(),
    vanish: fc.constantFrom(0, 0.5, 1),
  }),
  seeksPerMinute: fc.constantFrom(0, 0, 4),
  flipsPerMinute: fc.constantFrom(0, 3),
  segmentMs: fc.constantFrom(2000, 4000, 6000),
  origin: fc.record({
    range: fc.boolean(),
    firstByteMs: fc.constantFrom(10, 40, 400),
    bitsPerSecond: fc.constantFrom(4_000_000, 40_000_000),
    capacity: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 6_000_000),
    outages,
  }),
  trackerDown,
  policies: fc.constantFrom<Scenario["policies"][]>([], [], OFF_AND_ON),
  nat: fc.constantFrom<Scenario["nat"]>("profile", { open: 0.2, mapped: 0.2, symmetric: 0.6 }),
  bitrates: fc.constantFrom([1_300_000], [400_000, 1_300_000, 3_000_000]),
  switchesPerMinute: fc.constantFrom(0, 4),
  rogues: fc.record({ liars: fc.nat(2), mutes: fc.nat(2), boasters: fc.nat(2) }),
  uploadBitsPerSecond: fc.constantFrom(0, 500_000, 20_000_000),
  handOut: fc.integer({ min: 1, max: 8 }),
  limits: fc.record({
    storeBytes: fc.constantFrom(1, 2 * 1024 * 1024, DEFAULTS.limits.storeBytes),
    neighbours: fc.integer({ min: 1, max: 12 }),
    blocksInFlight: fc.integer({ min: 1, max: 64 }),
    prefetchMs: fc.constantFrom(0, 20_000, 90_000),
    blocksQueuedPerLink: fc.integer({ min: 1, max: 8 }),
    uploadRatio: fc.constantFrom(Number.POSITIVE_INFINITY, 0, 1, 4),
  }),
});

describe("any small world", () => {
  it("leaves every promise of the engine unbroken", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(world, (changes) => {
        const outcome = play(changes);
        assert.ok(outcome.bytes.cdn >= 0);
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
