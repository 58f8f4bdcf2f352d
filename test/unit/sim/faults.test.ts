import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { DEFAULTS } from "../../sim/scenario.ts";
import { atLeast, play } from "./checks.ts";

const some = { viewers: 10, minutes: 1.5, joins: { kind: "flash", withinMs: 6000 } } as const;
const NO_ROGUES = { liars: 0, mutes: 0, boasters: 0 };

describe("when something is wrong", () => {
  it("an origin that ignores Range costs no stall", () => {
    const outcome = play({ ...some, origin: { ...DEFAULTS.origin, range: false } });
    assert.equal(outcome.stalls, 0);
    atLeast(outcome.offload, 0.6, "offload");
  });

  it("an outage of the CDN stalls nobody who can get the VOD from neighbours", () => {
    const outage = {
      ...some,
      mode: "vod",
      joins: { kind: "every", everyMs: 3000 },
      profile: "lan",
      origin: { ...DEFAULTS.origin, outages: [{ fromMs: 45_000, toMs: 65_000 }] },
    } as const;
    const outcome = play(outage);
    const plain = play({ ...outage, p2p: false });
    atLeast(plain.stalledViewers, 8, "viewers stalled without peers");
    assert.ok(outcome.stalledViewers < plain.stalledViewers, `${outcome.stalledViewers} of ${plain.stalledViewers}`);
  });

  it.each([
    { mode: "vod", seconds: 10, viewers: 100, withinMs: 10_000, seed: 3 },
    { mode: "vod", seconds: 10, viewers: 100, withinMs: 30_000, seed: 3 },
    { mode: "vod", seconds: 15, viewers: 16, withinMs: 100, seed: 1 },
    { mode: "vod", seconds: 10, viewers: 8, withinMs: 10_000, seed: 2 },
    { mode: "vod", seconds: 5, viewers: 20, withinMs: 10_000, seed: 1, profile: "scarce" },
    { mode: "live", seconds: 5, viewers: 20, withinMs: 10_000, seed: 1, profile: "scarce" },
  ] as const)("an outage of $seconds s halts nobody of $viewers ($mode), as it halts nobody without peers", (of) => {
    const outage = {
      viewers: of.viewers,
      profile: "profile" in of ? of.profile : "broadband",
      seed: of.seed,
      minutes: 1.25,
      mode: of.mode,
      joins: { kind: "flash", withinMs: of.withinMs },
      origin: { ...DEFAULTS.origin, outages: [{ fromMs: 50_000, toMs: 50_000 + of.seconds * 1000 }] },
    } as const;
    assert.deepEqual([play(outage).stalls, play({ ...outage, p2p: false }).stalls], [0, 0]);
  });

  it("an outage of the CDN in a live stream is lived through", () => {
    const outcome = play({ ...some, origin: { ...DEFAULTS.origin, outages: [{ fromMs: 40_000, toMs: 60_000 }] } });
    atLeast(outcome.offload, 0.5, "offload");
  });

  it("peers that vanish in the middle of a segment cost no stall", () => {
    const outcome = play({ ...some, viewers: 14, leaves: { perMinute: 1, replace: true, vanish: 1 } });
    assert.equal(outcome.stalls, 0);
    atLeast(outcome.offload, 0.5, "offload");
  });

  it("a liar's blocks are played by nobody", () => {
    const outcome = play({ ...some, rogues: { ...NO_ROGUES, liars: 2 } });
    assert.equal(outcome.stalls, 0);
    atLeast(outcome.bytes.wasted, 1, "bytes refused");
    atLeast(outcome.offload, 0.5, "offload");
  });

  it("peers that never answer cost no stall", () => {
    const outcome = play({ ...some, rogues: { ...NO_ROGUES, mutes: 2 } });
    assert.equal(outcome.stalls, 0);
    atLeast(outcome.offload, 0.5, "offload");
  });

  it("peers that announce what they have not cost no stall", () => {
    const outcome = play({ ...some, rogues: { ...NO_ROGUES, boasters: 2 } });
    assert.equal(outcome.stalls, 0);
    atLeast(outcome.offload, 0.5, "offload");
  });

  it("a tracker that is gone at half time costs no stall, and those who met go on helping each other", () => {
    const outcome = play({ ...some, trackerDown: { fromMs: 45_000, toMs: Number.POSITIVE_INFINITY, share: 1 } });
    assert.equal(outcome.stalls, 0);
    atLeast(outcome.offload, 0.55, "offload");
  });

  it("one of several trackers that is gone costs no stall, and hardly a copy: neighbours tell its viewers the digests", () => {
    const whole = play(some);
    const outcome = play({ ...some, trackerDown: { fromMs: 30_000, toMs: Number.POSITIVE_INFINITY, share: 0.3 } });
    assert.equal(outcome.stalls, 0);
    atLeast(outcome.offload, whole.offload - 0.03, "offload");
  });

  it("a CDN too slow for all of them breaks no promise", () => {
    play({ ...some, origin: { ...DEFAULTS.origin, capacity: 6_000_000 } });
  });

  it("a store smaller than what is watched breaks no promise", () => {
    const outcome = play({ ...some, mode: "vod", limits: { ...DEFAULTS.limits, storeBytes: 4 * 1024 * 1024 } });
    assert.equal(outcome.stalls, 0);
  });
});
