import { describe, expect, it } from "vitest";
import type { PeerId } from "../../../tracker/protocol/index.ts";
import {
  addPairs,
  type Cell,
  type Counter,
  compare,
  costOf,
  count,
  DAY_MS,
  disputedBytes,
  emptyCell,
  figuresOf,
  gapOf,
  gridOf,
  HOUR_MS,
  merge,
  midnightsOf,
  moneyOf,
  Tally,
  TRIALS,
  updatesOf,
  widthOf,
} from "../../../worker/reports/index.ts";
import { NOON, placed, received, sessionId } from "./samples.ts";

const cellOf = (counts: Partial<Record<Counter, number>>): Cell => ({
  counts: Tally.of(Object.entries(counts) as [Counter, number][]),
  peak: 0,
});

describe("the gap to the bound", () => {
  it("is what was bought beyond the one copy that somebody had to buy, by reason", () => {
    const cell = cellOf({
      played: 1_000,
      sharable: 900,
      uplink: 5_000,
      cdn: 300,
      "cdn.duty": 80,
      "cdn.start": 100,
      "cdn.noPeer": 120,
      relay: 30,
    });
    expect(gapOf(cell)).toEqual({
      bound: 0.9,
      limit: "viewers",
      bytes: 230,
      spent: { start: 80, duty: 0, noPeer: 120, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0, relay: 30 },
    });
  });
  it("is bounded by the uplinks where they are less than what could be shared", () => {
    expect(gapOf(cellOf({ played: 1_000, sharable: 900, uplink: 400, cdn: 600, "cdn.noPeer": 600 }))).toMatchObject({
      bound: 0.4,
      limit: "uplink",
      bytes: 0,
    });
  });
  it("is never below what was reached, as by one who comes when another has watched it all", () => {
    const cell = cellOf({
      played: 1_000,
      sharable: 250,
      uplink: 5_000,
      peer: 480,
      cdn: 500,
      "cdn.noPeer": 500,
      relay: 20,
    });
    expect(gapOf(cell)).toMatchObject({ bound: 0.48, bytes: 0 });
    const short = cellOf({ played: 1_000, sharable: 900, uplink: 300, peer: 400, cdn: 600, "cdn.noPeer": 600 });
    expect(gapOf(short)).toMatchObject({ bound: 0.4, limit: "uplink", bytes: 0 });
  });
  it("knows nothing of nothing, and wants all of a lone viewer's bytes from the CDN", () => {
    expect(gapOf(emptyCell())).toMatchObject({ bound: null, limit: null, bytes: 0 });
    expect(gapOf(cellOf({ played: 10, cdn: 12, "cdn.start": 12 }))).toMatchObject({ bound: 0, limit: null, bytes: 2 });
  });
  it("takes each viewer's share of a swarm from its size, whatever else is in the cell", () => {
    const samples = [2, 2, 100, 0, 1].map((swarm, seq) => placed({ seq, swarm, played: 1_000 }));
    const [site] = updatesOf(samples, () => (value) => value);
    expect(site?.counts.get("sharable")).toBe(500 + 500 + 990);
  });
});

describe("the time in which viewers had backed off", () => {
  it("is that of the samples that say so, by how far", () => {
    const steps = ["none", "wary", "wary", "off", undefined] as const;
    const samples = steps.map((caution, seq) => placed({ seq, spanMs: 1_000 * (seq + 1), caution }));
    const [site] = updatesOf(samples, () => (value) => value);
    expect([site?.counts.get("waryMs"), site?.counts.get("offMs")]).toEqual([5_000, 4_000]);
    if (site !== undefined) {
      expect(figuresOf({ counts: site.counts, peak: 0 }).quality).toMatchObject({ waryMs: 5_000, offMs: 4_000 });
    }
  });
});

describe("money", () => {
  const tiers = [
    { fromGB: 0, price: 0.05 },
    { fromGB: 10, price: 0.03 },
    { fromGB: 100, price: 0.01 },
  ];
  it("takes each gigabyte at the price of its tier", () => {
    expect(costOf(5e9, tiers)).toBeCloseTo(0.25);
    expect(costOf(110e9, tiers)).toBeCloseTo(0.5 + 2.7 + 0.1);
  });
  it("is saved on the dearest tiers last: the bill without peers less the bill with them, and TURN", () => {
    const money = moneyOf(cellOf({ played: 110e9, cdn: 5e9, relay: 1e9 }), {
      currency: "EUR",
      cdn: tiers,
      turnPerGB: 0.5,
    });
    expect(money).toMatchObject({ currency: "EUR", turn: 0.5 });
    expect(money?.saved).toBeCloseTo(3.3 - 0.25 - 0.5);
    expect(moneyOf(emptyCell(), null)).toBeNull();
  });
});

describe("both sides' accounts of a link", () => {
  const [a, b, c] = ["0000aaaaaaaaaaaaaaaaaa", "0000bbbbbbbbbbbbbbbbbb", "0000cccccccccccccccccc"] as PeerId[] as [
    PeerId,
    PeerId,
    PeerId,
  ];
  const told = (peer: PeerId | undefined, links: [PeerId, number, number][]) => {
    const counts = new Tally();
    const list = links.map(([other, got, gave]) => ({ peer: other, received: got, sent: gave }));
    addPairs(counts, received({ peer, links: list }).sample);
    return { counts, peak: 0 };
  };
  it("leave nothing where they agree, though one came back under another id meanwhile", () => {
    const back = `zzzz${a.slice(4)}` as PeerId;
    const cell = merge([
      told(a, [[b, 0, 60]]),
      told(b, [[back, 60, 0]]),
      told(back, [[b, 7, 0]]),
      told(b, [[a, 0, 7]]),
    ]);
    expect(disputedBytes(cell)).toBe(0);
  });
  it("are summed up with the samples of a batch, in totals alone", () => {
    const of = (peer: PeerId, links: [PeerId, number, number][]) =>
      placed({ peer, links: links.map(([other, got, gave]) => ({ peer: other, received: got, sent: gave })) });
    const [first, second]: [PeerId, number, number][][] = [
      [
        [b, 5, 60],
        [c, 7, 0],
      ],
      [[a, 60, 4]],
    ];
    const sums = updatesOf([of(a, first ?? []), of(c, []), of(b, second ?? [])], () => (value) => value);
    const expected = merge([told(a, first ?? []), told(b, second ?? [])]);
    const links = ({ counts }: { counts: Tally }) =>
      Object.fromEntries([...counts].filter(([name]) => /^(pair|claimed|given)/.test(name)));
    for (const { name, counts } of sums) {
      const total = name.dimension === "all" || name.dimension === "stream";
      expect(links({ counts })).toEqual(total ? links(expected) : {});
    }
    expect(Object.keys(links(expected)).length).toBeGreaterThan(3);
  });
  it("leave nothing where they agree, in whatever samples", () => {
    const cell = merge([
      told(a, [
        [b, 100, 0],
        [c, 0, 30],
      ]),
      told(b, [[a, 0, 60]]),
      told(c, [[a, 30, 0]]),
      told(b, [[a, 0, 40]]),
    ]);
    expect([count(cell, "claimed"), count(cell, "given"), disputedBytes(cell)]).toEqual([130, 130, 0]);
  });
  it("show what one side alone tells, and that two lies of opposite sign are no truth", () => {
    expect(disputedBytes(merge([told(a, [[b, 100, 0]]), told(b, [[a, 0, 60]])]))).toBe(40);
    expect(disputedBytes(merge([told(a, [[b, 100, 0]]), told(c, [[a, 0, 100]])]))).toBe(200);
  });
  it("do not speak of viewers without an id", () => {
    expect([...told(undefined, [[b, 100, 0]]).counts]).toEqual([]);
  });
});

describe("sessions", () => {
  it("are counted once a minute, hour and day by the sample that reaches over its start", () => {
    const at = (seconds: number, seq: number) => ({
      ...placed({ seq, spanMs: 5_000 }),
      at: Date.UTC(2026, 0, 31, 12, 0, seconds),
    });
    const updates = updatesOf([at(4, 7), at(9, 8), at(14, 9), at(63, 10), at(70, 11)], () => (value) => value);
    const of = (resolution: string, counter: Counter) =>
      updates
        .filter(({ name }) => name.dimension === "all" && name.resolution === resolution)
        .map(({ counts }) => counts.get(counter));
    expect(of("minute", "inMinute")).toEqual([1, 1]);
    expect(of("hour", "inHour")).toEqual([1]);
    expect(of("day", "inDay")).toEqual([0]);
    expect(of("day", "began")).toEqual([0]);
  });
});

describe("the holdout", () => {
  /** `ratio` of stalled time in each part of a group, a little different from part to part. */
  const trials = (p2p: number, holdout: number, spread: number) =>
    new Map(
      Array.from({ length: TRIALS }, (_, part) => part).flatMap((part) => {
        const of = (share: number) => {
          const stallMs = Math.round(1_000_000 * (share + spread * (part % 2 === 0 ? 1 : -1)));
          return cellOf({
            stallMs,
            watchMs: 1_000_000 - stallMs,
            startups: 10,
            startupMs: 10_000,
            ratedMs: 1_000,
            kilobits: 2_000,
          });
        };
        return [
          [`p2p.${part}`, of(p2p)],
          [`holdout.${part}`, of(holdout)],
        ] as const;
      }),
    );
  const sessions = { p2p: 160, holdout: 160 };

  it("shows a difference that is larger than chance, with its interval", () => {
    const { stallRatio } = compare(trials(0.01, 0.03, 0.002), sessions);
    expect(stallRatio).toMatchObject({ kind: "compared", verdict: "better" });
    if (stallRatio.kind !== "compared") throw new Error("unreachable");
    expect(stallRatio.difference).toBeCloseTo(-0.02, 3);
    // 16 parts 0.002 apart from the whole: each group's error is 0.002 / sqrt(15); Welch's t for 30 degrees is 2.042.
    expect(stallRatio.interval.to - stallRatio.difference).toBeCloseTo(2.042 * Math.SQRT2 * (0.002 / Math.sqrt(15)), 5);
  });
  it("does not call chance a difference", () => {
    expect(compare(trials(0.02, 0.021, 0.01), sessions).stallRatio).toMatchObject({ verdict: "no difference seen" });
    expect(compare(trials(0.02, 0.02, 0), sessions).bitsPerSecond).toMatchObject({
      p2p: 2_000_000,
      difference: 0,
      verdict: "no difference seen",
    });
  });
  it("says that it is too small below a hundred sessions of either group, or where a part is empty", () => {
    expect(compare(trials(0.01, 0.03, 0.002), { p2p: 5_000, holdout: 99 }).stallRatio).toMatchObject({
      kind: "tooSmall",
    });
    const gap = trials(0.01, 0.03, 0.002);
    gap.delete("holdout.3");
    expect(compare(gap, sessions).stallRatio).toMatchObject({ kind: "tooSmall", needed: 100 });
  });
  it("keeps all of a session in one part", () => {
    const samples = Array.from({ length: 40 }, (_, seq) => placed({ seq, session: sessionId(seq % 4) }));
    const parts = updatesOf(samples, () => (value) => value).filter(
      ({ name }) => name.dimension === "trial" && name.resolution === "hour" && name.stream === null,
    );
    expect(parts.reduce((sum, { counts }) => sum + counts.get("samples"), 0)).toBe(40);
    for (const { counts } of parts) expect(counts.get("samples") % 10).toBe(0);
  });
});

describe("days of a time zone", () => {
  const iso = (at: number) => new Date(at).toISOString();
  it("begin at local midnight, also around a change of clocks", () => {
    const { dayOf, beginOf } = midnightsOf("Europe/Berlin");
    const day = dayOf(Date.UTC(2026, 2, 29, 12));
    expect([day, day + 1].map((one) => iso(beginOf(one)))).toEqual([
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
    ]);
    expect(dayOf(Date.UTC(2026, 2, 28, 23, 30))).toBe(day);
  });
  it("cut a series, each on the hour that is kept", () => {
    const range = { from: Date.UTC(2026, 0, 10), to: Date.UTC(2026, 0, 12), edge: "hour" as const };
    const begins = (zone: string) => gridOf(range, DAY_MS, zone).buckets.map(({ at }) => iso(at));
    expect(begins("UTC")).toEqual(["2026-01-10T00:00:00.000Z", "2026-01-11T00:00:00.000Z"]);
    expect(begins("Asia/Kolkata")).toEqual([
      "2026-01-09T18:00:00.000Z",
      "2026-01-10T18:00:00.000Z",
      "2026-01-11T18:00:00.000Z",
    ]);
    expect(gridOf({ ...range, edge: "day" }, DAY_MS, "Asia/Kolkata").timeZone).toBe("UTC");
  });
  it("have widths that keep a series readable", () => {
    const width = (ms: number, edge: "minute" | "hour" | "day" = "minute") =>
      widthOf({ from: NOON, to: NOON + ms, edge }, undefined);
    expect([width(HOUR_MS), width(DAY_MS), width(30 * DAY_MS, "hour"), width(700 * DAY_MS, "day")]).toEqual([
      60_000,
      600_000,
      4 * HOUR_MS,
      4 * DAY_MS,
    ]);
    expect(widthOf({ from: 0, to: DAY_MS, edge: "hour" }, "minute")).toBe(HOUR_MS);
  });
});
