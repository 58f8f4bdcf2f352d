import { describe, expect, it } from "vitest";
import { stallRate } from "../../../worker/dashboard/figures.ts";
import {
  bucketOf,
  bytesOf,
  bytesScaleOf,
  countOf,
  durationOf,
  percentOf,
  textOf,
} from "../../../worker/dashboard/format.ts";
import { RANGES, rangeAt, readView, viewSearch } from "../../../worker/dashboard/view.ts";
import { MINUTE_MS, widthOf } from "../../../worker/reports/index.ts";
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

  it("sets thousands apart", () => {
    expect([999, 1_000, 1_234_567].map(countOf).map(plain)).toEqual(["999", "1 000", "1 234 567"]);
  });
  it("labels a scale in one unit", () => {
    expect(bytesScaleOf([0, 250e6, 1e9])).toEqual(["0", "0.25 GB", "1 GB"]);
  });
  it("names the width of a bucket", () => {
    expect([1, 10, 60, 120].map((minutes) => bucketOf(minutes * 60_000))).toEqual([
      "minute",
      "10 minutes",
      "hour",
      "2 hours",
    ]);
  });
  it("counts stalls by the hour watched, not by the clock", () => {
    expect(stallRate({ stalls: 3, watchMs: 1_800_000 })).toBe(6);
    expect(stallRate({ stalls: 0, watchMs: 0 })).toBeNull();
  });
});

describe("the view", () => {
  it("survives its address, whatever the stream is called", () => {
    for (const range of RANGES) {
      const view = { stream: "https://a.example/x y.m3u8?&=#+ä", range };
      expect(readView(viewSearch(view))).toEqual(view);
    }
  });
  it("is the last hour of all streams when the address says nothing or nonsense", () => {
    expect(viewSearch(readView(""))).toBe("");
    expect(readView("?range=9y").range.id).toBe("1h");
  });
  it("asks for whole buckets of the width that the server chooses, and never for more than the range", () => {
    for (const range of RANGES) {
      for (const now of [NOON, NOON + 30_000, NOON + 7 * 60_000 + 29_999]) {
        const { from, to } = rangeAt(range, now);
        expect(to).toBe((Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS);
        expect(to - from).toBeLessThanOrEqual(range.ms);
        expect(widthOf({ from, to, edge: "minute" }, undefined)).toBe(range.alignMs);
        expect(from % range.alignMs).toBe(0);
      }
    }
  });
});
