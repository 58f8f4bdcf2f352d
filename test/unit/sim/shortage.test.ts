import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { DEFAULTS } from "../../sim/scenario.ts";
import { atLeast, play } from "./checks.ts";

describe("where there is too little of something", () => {
  it("uplinks of 0.6 of the bitrate give nearly all that they can, and nobody stalls for it", {
    timeout: 60_000,
  }, () => {
    const scarce = { viewers: 20, minutes: 3, profile: "scarce", seed: 1 } as const;
    const outcome = play(scarce);
    const plain = play({ ...scarce, p2p: false });
    assert.ok(outcome.bound < 0.75, `the bound is ${outcome.bound}: uplinks are not scarce`);
    atLeast(outcome.offload, 0.85 * outcome.bound, "offload");
    assert.ok(outcome.stalls <= plain.stalls, `${outcome.stalls} stalls, ${plain.stalls} without peers`);
  });

  it("a CDN that can serve not half of the viewers stalls none of them: most comes from neighbours", {
    timeout: 60_000,
  }, () => {
    const capacity = 35_000_000;
    const crowd = { viewers: 60, minutes: 3, origin: { ...DEFAULTS.origin, capacity } } as const;
    const outcome = play(crowd);
    const plain = play({ ...crowd, minutes: 1, p2p: false });
    atLeast(plain.stalledViewers, 40, "viewers stalled without peers");
    atLeast(outcome.offload, 0.9, "offload");
    assert.equal(outcome.stalls, 0);
  });

  it.each([5, 10, 20])(
    "a CDN of %i Mbit/s, with 30 viewers of 1.3 Mbit/s, brings all of them nearly all",
    {
      timeout: 60_000,
    },
    (mbit) => {
      const capacity = mbit * 1_000_000;
      const crowd = { viewers: 30, minutes: 1.5, origin: { ...DEFAULTS.origin, capacity } } as const;
      const outcome = play(crowd);
      const plain = play({ ...crowd, p2p: false });
      const most = outcome.viewers.minutes * 60_000;
      assert.ok(plain.playMs < 0.65 * most, `without peers ${plain.playMs} of ${most} ms`);
      atLeast(outcome.playMs / most, 0.85, "share of the time in which the picture moved");
      atLeast(outcome.offload, 0.88, "offload");
    },
  );

  it("a CDN of 20 Mbit/s that sends whole segments only lets 60 viewers of 1.3 Mbit/s see twice as much as without peers", {
    timeout: 60_000,
  }, () => {
    const origin = { ...DEFAULTS.origin, range: false, capacity: 20_000_000 };
    const crowd = { viewers: 60, minutes: 2, origin, seed: 1 } as const;
    atLeast(play(crowd).playMs, 2 * play({ ...crowd, p2p: false }).playMs, "time in which the picture moved");
  });
});
