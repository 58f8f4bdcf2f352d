import { describe, expect, it } from "vitest";
import { stallRate } from "../../../worker/dashboard/figures.ts";
import { headlineOf } from "../../../worker/dashboard/headline.ts";
import { RANGES, readView, timesOf, type View, viewSearch } from "../../../worker/dashboard/view.ts";
import {
  bucketOf,
  bytesOf,
  bytesScaleOf,
  countOf,
  durationOf,
  moneyOf,
  percentOf,
  textOf,
} from "../../../worker/protocol/units.ts";
import { widthOf } from "../../../worker/reports/index.ts";
import { NOON } from "./samples.ts";

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("figures for people", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.00 kB"],
    [999_499, "999 kB"],
    [999_600, "1.00 MB"],
    [12_340_000, "12.3 MB"],
    [-2_500_000_000, "−2.50 GB"],
    [1_430e15, "1430 PB"],
  ])("writes %d bytes as %s", (bytes, text) => expect(plain(textOf(bytesOf(bytes)))).toBe(text));

  it.each([
    [null, "–"],
    [0, "0 %"],
    [0.8026, "80.3 %"],
    [0.99951, "100 %"],
    [-0.43, "−43.0 %"],
    [-0.0001, "0.0 %"],
  ])("writes the fraction %s as %s", (fraction, text) => expect(plain(textOf(percentOf(fraction)))).toBe(text));

  it.each([
    [null, "–"],
    [0, "0 s"],
    [850, "850 ms"],
    [999.7, "1.00 s"],
    [12_440, "12.4 s"],
    [59_960, "1 min 0 s"],
    [3_599_700, "1 h 0 min"],
    [5_000 * 3_600_000 + 120_000, "5 000 h 2 min"],
  ])("writes %s milliseconds as %s", (ms, text) => expect(plain(durationOf(ms))).toBe(text));

  it.each([
    [0, "0.00 EUR"],
    [0.004, "< 0.01 EUR"],
    [12.4, "12.40 EUR"],
    [9.999, "10.00 EUR"],
    [999.994, "999.99 EUR"],
    [1_234_567.891, "1 234 568 EUR"],
    [-3.5, "−3.50 EUR"],
  ])("writes the amount %d as %s", (amount, text) => expect(plain(textOf(moneyOf(amount, "EUR")))).toBe(text));

  it("sets thousands apart", () => {
    expect([999, 1_000, 1_234_567].map(countOf).map(plain)).toEqual(["999", "1 000", "1 234 567"]);
  });
  it("labels a scale in one unit", () => {
    expect(bytesScaleOf([0, 250e6, 1e9])).toEqual(["0", "0.25 GB", "1 GB"]);
  });
  it("names the width of a bucket", () => {
    expect([1, 10, 60, 120, 1440, 2880].map((minutes) => bucketOf(minutes * 60_000))).toEqual([
      ...["minute", "10 minutes", "hour", "2 hours", "day", "2 days"],
    ]);
  });
  it("counts stalls by the hour watched, not by the clock", () => {
    expect(stallRate({ stalls: 3, watchMs: 1_800_000 })).toBe(6);
    expect(stallRate({ stalls: 0, watchMs: 0 })).toBeNull();
  });
});

describe("the headline", () => {
  const bytes = { cdn: 17, peer: 83, relay: 0, uploaded: 83, played: 100, wasted: 0, overhead: 0 };
  const money = { currency: "EUR", without: 15, cdn: 2.6, turn: 0, saved: 12.4 };
  it.each([
    [{ offload: 0.83, money }, "Neighbours carried 83.0 % of what was watched; that saved 12.40 EUR."],
    [{ offload: 0.83, money: null }, "Neighbours carried 83.0 % of what was watched; that kept 83 B off the CDN."],
    [
      { offload: 0.5, money: { ...money, saved: -2 } },
      "Neighbours carried 50.0 % of what was watched; TURN made it 2.00 EUR dearer all the same.",
    ],
    [{ offload: 0, money }, "All of what was watched came from the CDN."],
    [{ offload: -0.2, money, bytes: { ...bytes, cdn: 120 } }, "The CDN delivered 20 B more than was watched."],
    [{ offload: null, money }, "Nothing was played in this range."],
  ])("%#", (change, text) => expect(plain(headlineOf({ bytes, ...change }))).toBe(text));
});

describe("the view", () => {
  const periods: View["period"][] = [
    ...RANGES.map((range) => ({ kind: "last" as const, range })),
    { kind: "fixed", from: Date.UTC(2026, 0, 30), to: Date.UTC(2026, 0, 31, 12, 34) },
  ];

  it("survives its address, whatever the stream is called", () => {
    for (const period of periods) {
      const view: View = { stream: "https://a.example/x y.m3u8?&=#+ä", period, by: "country" };
      expect(readView(viewSearch(view))).toEqual(view);
    }
  });
  it("is the last hour of all streams when the address says nothing or nonsense", () => {
    expect(viewSearch(readView(""))).toBe("");
    for (const nonsense of ["?range=9y", "?by=shoe", "?from=2026-01-02&to=2026-01-01", "?from=x&to=y"]) {
      expect(viewSearch(readView(nonsense)), nonsense).toBe("");
    }
  });
  it("asks for whole buckets of the width that the server chooses, and never for more than the range", () => {
    for (const range of RANGES) {
      for (const now of [NOON, NOON + 30_000, NOON + 7 * 60_000 + 29_999]) {
        const { from, to } = timesOf({ kind: "last", range }, now);
        expect(to).toBe((Math.floor(now / 60_000) + 1) * 60_000);
        expect(to - from).toBeLessThanOrEqual(range.ms);
        expect(widthOf({ from, to, edge: range.alignMs < 3_600_000 ? "minute" : "hour" }, undefined)).toBe(
          range.alignMs,
        );
        expect(from % range.alignMs).toBe(0);
      }
    }
  });
});
