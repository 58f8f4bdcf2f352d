import { describe, expect, it } from "vitest";
import {
  bucketOf,
  checkSample,
  cover,
  DAY_MS,
  HOUR_MS,
  LONGEST_RANGE_MS,
  MINUTE_MS,
  parseTime,
  resolveRange,
  sampleTime,
} from "../../../worker/reports/index.ts";
import { NOON, received } from "./samples.ts";

describe("the time of a sample", () => {
  it("is that of the viewer's clock when it lags by seconds", () => {
    expect(sampleTime(NOON - 40_000, NOON)).toBe(NOON - 40_000);
  });
  it("is never after the tracker received it", () => {
    expect(sampleTime(NOON + 86_400_000, NOON)).toBe(NOON);
  });
  it("is at most ten minutes before, when the sample had to wait", () => {
    expect(sampleTime(NOON - 700_000, NOON)).toBe(NOON - 600_000);
    expect(sampleTime(NOON - 7_200_000, NOON)).toBe(NOON - 600_000);
  });
  it("is when the tracker received it, where the viewer's clock is off by more than any sample waits, as by a day", () => {
    for (const at of [0, NOON - 86_400_000, NOON - 7_200_001, NOON + 1, NOON + 86_400_000]) {
      expect(sampleTime(at, NOON)).toBe(NOON);
    }
  });
});

describe("checkSample", () => {
  const check = (changes: Parameters<typeof received>[0]) => checkSample(received(changes).sample);
  const cdn = (bytes: number) => ({
    bytes: { cdn: bytes, peer: 0, relay: 0 },
    peerBytes: { lan: 0, network: 0, as: 0, country: 0, far: 0 },
    cdnReasons: { start: bytes, duty: 0, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 },
  });

  it("lets an honest sample pass", () => expect(check({})).toBeNull());
  it("wants every CDN byte to have one reason", () => {
    expect(check({ bytes: { cdn: 401, peer: 600, relay: 0 } })).toBe("cdnReasons");
    expect(check({ bytes: { cdn: 399, peer: 600, relay: 0 } })).toBe("cdnReasons");
  });
  it("wants every peer byte to have one nearness", () => {
    expect(check({ peerBytes: { lan: 599, network: 0, as: 0, country: 0, far: 0 } })).toBe("peerBytes");
    expect(check({ peerBytes: { lan: 590, network: 4, as: 3, country: 2, far: 1 } })).toBeNull();
  });
  it("wants no neighbour twice, not the viewer itself, and no more from all of them than came in all", () => {
    const [one, other] = ["0000aaaaaaaaaaaaaaaaaa", "0000bbbbbbbbbbbbbbbbbb"] as const;
    const link = (peer: string, received: number, sent: number) => ({ peer, received, sent });
    expect(check({ links: [link(one, 500, 0), link(other, 100, 50)] })).toBeNull();
    expect(check({ links: [link(one, 1, 0), link(one, 1, 0)] })).toBe("links");
    expect(check({ links: [link(one, 1, 0)], peer: one })).toBe("links");
    expect(check({ links: [link(one, 633, 0)] })).toBe("links");
    expect(check({ links: [link(one, 0, 83)] })).toBe("links");
  });
  it("allows a second more than the span for watching and for stalling", () => {
    expect(check({ watchMs: 6_000, stallMs: 6_000 })).toBeNull();
    expect(check({ watchMs: 6_001 })).toBe("watchTime");
    expect(check({ stallMs: 6_001 })).toBe("stallTime");
  });
  it("refuses more than 1 Gbit/s, over a second at least", () => {
    expect(check({ ...cdn(125_000_000), spanMs: 0, watchMs: 0 })).toBeNull();
    expect(check({ ...cdn(125_000_001), spanMs: 0, watchMs: 0 })).toBe("rate");
    expect(check({ ...cdn(625_000_000) })).toBeNull();
    expect(check({ ...cdn(625_000_001) })).toBe("rate");
  });
  it("refuses it for what was played, uploaded and wasted too", () => {
    for (const name of ["played", "uploaded", "wasted"]) expect(check({ [name]: 625_000_001 })).toBe("rate");
  });
  it("adds the sources up before it looks at the rate", () => {
    const peerBytes = { lan: 312_500_000, network: 0, as: 0, country: 0, far: 0 };
    expect(check({ bytes: { cdn: 400, peer: 312_500_000, relay: 312_500_000 }, peerBytes })).toBe("rate");
  });
});

describe("parseTime", () => {
  it("reads milliseconds and ISO 8601 with a zone", () => {
    expect(parseTime("1769860830000")).toBe(NOON);
    expect(parseTime("2026-01-31T12:00:30Z")).toBe(NOON);
    expect(parseTime("2026-01-31T13:00:30.000+01:00")).toBe(NOON);
    expect(parseTime("2026-01-31T13:00:30 01:00")).toBe(NOON);
    expect(parseTime("2026-01-31")).toBe(Date.UTC(2026, 0, 31));
  });
  it("refuses what is neither, and what JavaScript would guess at", () => {
    for (const text of [
      "",
      "now",
      "-1",
      "1e9",
      "2026-02-30",
      "2026-13-01",
      "2026-01-31T12:00",
      "1/31/2026",
      "9".repeat(15),
    ]) {
      expect(parseTime(text), text).toBeNull();
    }
  });
});

describe("resolveRange", () => {
  const minute = bucketOf(NOON, "minute") * MINUTE_MS;
  const resolve = (from?: number, to?: number) => resolveRange({ from, to }, NOON, "all");
  it("covers the last hour, the running minute included, unless told otherwise", () => {
    expect(resolve()).toEqual({
      ok: true,
      value: { from: minute - 59 * MINUTE_MS, to: minute + MINUTE_MS, edge: "minute" },
    });
  });
  it("rounds outwards to whole minutes, and leaves whole minutes as they are", () => {
    expect(resolve(NOON, NOON + 1)).toMatchObject({ value: { from: minute, to: minute + MINUTE_MS } });
    expect(resolve(minute - 2 * MINUTE_MS, minute)).toMatchObject({
      value: { from: minute - 2 * MINUTE_MS, to: minute },
    });
  });
  it("rounds to hours what is too old for minutes, and to days what is too old for hours", () => {
    const day = Date.UTC(2026, 0, 31);
    const from = NOON - 3 * DAY_MS;
    expect(resolve(from)).toMatchObject({
      value: { from: day - 3 * DAY_MS + 12 * HOUR_MS, to: day + 13 * HOUR_MS, edge: "hour" },
    });
    expect(resolve(NOON - 100 * DAY_MS)).toMatchObject({
      value: { from: day - 100 * DAY_MS, to: day + DAY_MS, edge: "day" },
    });
    expect(resolveRange({ from: NOON - 47 * HOUR_MS }, NOON, "country")).toMatchObject({ value: { edge: "minute" } });
    expect(resolveRange({ from: NOON - 49 * HOUR_MS }, NOON, "country")).toMatchObject({ value: { edge: "hour" } });
  });
  it("refuses a range that is empty, reversed or longer than reports are kept", () => {
    expect(resolve(NOON, NOON)).toMatchObject({ fault: { code: "reversedRange" } });
    expect(resolve(NOON + HOUR_MS)).toMatchObject({ fault: { code: "reversedRange" } });
    expect(resolve(NOON - LONGEST_RANGE_MS, NOON)).toMatchObject({ ok: true });
    expect(resolve(NOON - 3_650 * DAY_MS, NOON)).toMatchObject({ fault: { code: "rangeTooLong" } });
  });
});

describe("cover", () => {
  it("takes days in the middle, hours and minutes towards the ends", () => {
    const day = 20_000 * DAY_MS;
    expect(cover(day - 62 * MINUTE_MS, day + DAY_MS + 3 * HOUR_MS + MINUTE_MS, "minute")).toEqual([
      { resolution: "minute", from: 20_000 * 1_440 - 62, to: 20_000 * 1_440 - 60 },
      { resolution: "hour", from: 20_000 * 24 - 1, to: 20_000 * 24 },
      { resolution: "day", from: 20_000, to: 20_001 },
      { resolution: "hour", from: 20_001 * 24, to: 20_001 * 24 + 3 },
      { resolution: "minute", from: 20_001 * 1_440 + 180, to: 20_001 * 1_440 + 181 },
    ]);
  });
  it("takes nothing finer than the edge", () => {
    expect(cover(23 * HOUR_MS, 49 * HOUR_MS, "hour").map(({ resolution }) => resolution)).toEqual([
      "hour",
      "day",
      "hour",
    ]);
  });
});
