import { describe, expect, it } from "vitest";
import { afterFailure, MAX_TRIES, MAX_WAITING, post } from "../../../../worker/alerts/outbox.ts";
import { type Figures, type Firing, judge, type Thresholds } from "../../../../worker/alerts/rules.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const ALL: Thresholds = { offload: 0.5, stalls: 0.02, silence: 300_000 };
const fine: Figures = {
  site: "site",
  stream: null,
  playedBytes: 1000,
  boughtBytes: 200,
  stallMs: 0,
  watchMs: 1_200_000,
  viewers: 10,
  heardAt: NOW - 1000,
};
const see = (changes: Partial<Figures>, firing: readonly Firing[] = [], thresholds = ALL) =>
  judge([{ ...fine, ...changes }], firing, thresholds, NOW);

describe("alert rules", () => {
  it("say nothing while all is well", () => {
    expect(see({})).toEqual({ firing: [], notices: [] });
  });

  it.each([
    ["offload", { boughtBytes: 501 }, 0.499],
    ["stalls", { stallMs: 60_000 }, 60_000 / 1_260_000],
    ["silence", { heardAt: NOW - 300_000 }, 300_000],
  ] as const)("tell once that %s fires, and once that it is over", (rule, trouble, value) => {
    const first = see(trouble);
    expect(first.notices).toMatchObject([{ rule, status: "firing", value, threshold: ALL[rule], since: NOW }]);
    expect(first.firing).toEqual([{ rule, site: "site", stream: null, since: NOW }]);
    expect(see(trouble, first.firing)).toEqual({ firing: first.firing, notices: [] });
    const over = see({}, first.firing);
    expect(over.firing).toEqual([]);
    expect(over.notices).toMatchObject([{ rule, status: "resolved", since: NOW }]);
    expect(over.notices[0]?.id).not.toBe(first.notices[0]?.id);
  });

  it("do not judge by too little, and leave a firing alert as it is", () => {
    const low = { boughtBytes: 900 };
    const { firing } = see(low);
    for (const little of [{ viewers: 2 }, { watchMs: 1000 }, { playedBytes: 0 }]) {
      expect(see({ ...low, ...little }).notices).toEqual([]);
      expect(see(little, firing)).toEqual({ firing, notices: [] });
    }
  });

  it("take a stream that ends for no fault, and a silent site for one only if it had viewers", () => {
    const silent = { heardAt: NOW - 600_000 };
    expect(see({ ...silent, stream: "film" }).notices).toEqual([]);
    expect(see({ ...silent, viewers: 1 }).notices).toEqual([]);
    expect(see(silent).notices).toHaveLength(1);
  });

  it("tell streams apart", () => {
    const figures = ["a", "b"].map((stream) => ({ ...fine, stream, boughtBytes: 900 }));
    const { notices, firing } = judge(figures, [], ALL, NOW);
    expect(notices.map(({ stream }) => stream)).toEqual(["a", "b"]);
    expect(judge([{ ...fine, stream: "a" }], firing, ALL, NOW).firing).toMatchObject([{ stream: "b" }]);
  });

  it("forget what fired when its rule is taken away", () => {
    const { firing } = see({ boughtBytes: 900 });
    expect(see({}, firing, { stalls: 0.02 })).toEqual({ firing: [], notices: [] });
  });
});

describe("the outbox", () => {
  const [notice] = see({ boughtBytes: 900 }).notices;
  if (notice === undefined) throw new Error("no notice");

  it("pauses longer and longer, and gives up at last", () => {
    let [waiting] = post([], [notice]);
    const pauses: number[] = [];
    for (let tries = 1; waiting && tries < MAX_TRIES; tries++) {
      const next = afterFailure(waiting, NOW);
      pauses.push((next?.notBefore ?? 0) - NOW);
      waiting = next ?? undefined;
    }
    expect(pauses.slice(0, 3)).toEqual([30_000, 60_000, 120_000]);
    expect(Math.max(...pauses)).toBe(3 * 3_600_000);
    expect(waiting && afterFailure(waiting, NOW)).toBeNull();
  });

  it("holds a bounded number", () => {
    expect(
      post(
        [],
        Array.from({ length: MAX_WAITING + 5 }, () => notice),
      ),
    ).toHaveLength(MAX_WAITING);
  });
});
