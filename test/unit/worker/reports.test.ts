import { describe, expect, it } from "vitest";
import {
  bucketWidth,
  checkSample,
  emptyBucket,
  fold,
  MAX_POINTS,
  minuteOf,
  parseTime,
  resolveRange,
  sampleMinute,
  seriesOf,
  startupQuantile,
  summarise,
} from "../../../worker/reports/index.ts";
import { NOON, received } from "./samples.ts";

const minute = minuteOf(NOON);
const bucketWith = (...changes: Parameters<typeof received>[0][]) => {
  const bucket = emptyBucket();
  for (const change of changes) {
    const { sample } = received(change);
    fold(bucket, sample, Number(sample.session[1]));
  }
  return bucket;
};

describe("the minute of a sample", () => {
  it("is that of the viewer's clock when it lags by seconds", () => {
    expect(sampleMinute(NOON - 40_000, NOON)).toBe(minute - 1);
  });
  it("is never after the tracker received it", () => {
    expect(sampleMinute(NOON + 86_400_000, NOON)).toBe(minute);
  });
  it("is at most ten minutes before, however wrong the viewer's clock", () => {
    expect(sampleMinute(0, NOON)).toBe(minute - 10);
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

describe("summarise", () => {
  const range = { from: minute, to: minute + 2 };

  it("adds up, and takes CDN and TURN bytes from the offload", () => {
    const peerBytes = { lan: 500, network: 0, as: 0, country: 0, far: 0 };
    const one = { bytes: { cdn: 400, peer: 500, relay: 100 }, peerBytes };
    const summary = summarise(
      "film",
      range,
      new Map([[minute, bucketWith(one, { session: "s2____________________" })]]),
    );
    expect(summary).toMatchObject({
      stream: "film",
      from: "2026-01-31T12:00:00.000Z",
      to: "2026-01-31T12:02:00.000Z",
      bytes: { cdn: 800, peer: 1_100, relay: 100, uploaded: 100, played: 2_000, wasted: 14 },
      cdnReasons: { start: 600, duty: 200, noPeer: 0 },
      offload: (2_000 - 800 - 100) / 2_000,
      viewers: { unique: 2, peak: 2 },
      quality: { stalls: 2, stallMs: 400, watchMs: 8_000, startupMs: null },
    });
  });
  it("tells viewers at once from viewers in all", () => {
    const minutes = new Map([
      [minute, bucketWith({ session: "s1____________________" }, { session: "s2____________________" })],
      [minute + 1, bucketWith({ session: "s2____________________" }, { session: "s3____________________" })],
    ]);
    expect(summarise(null, range, minutes).viewers).toEqual({ unique: 3, peak: 2 });
  });
  it("has no offload when nothing was played, and one below zero when the CDN sent more than was played", () => {
    expect(summarise(null, range, new Map()).offload).toBeNull();
    expect(summarise(null, range, new Map([[minute, bucketWith({ played: 200 })]])).offload).toBe(-1);
  });
});

describe("seriesOf", () => {
  it("has a point for every minute, empty or not", () => {
    const series = seriesOf(null, { from: minute - 1, to: minute + 2 }, new Map([[minute, bucketWith({})]]));
    expect(series.bucketMs).toBe(60_000);
    expect(series.points.map(({ at, played, viewers }) => [at / 60_000 - minute, played, viewers])).toEqual([
      [-1, 0, 0],
      [0, 1_000, 1],
      [1, 0, 0],
    ]);
  });
  it("starts its buckets at multiples of their width but counts nothing outside the range", () => {
    const ten = Math.floor(minute / 10) * 10;
    const minutes = new Map([ten + 4, ten + 5, ten + 6].map((at) => [at, bucketWith({})] as const));
    const series = seriesOf(null, { from: ten + 5, to: ten + 5 + 1440 }, minutes);
    expect(series.bucketMs).toBe(600_000);
    expect(series.points[0]).toMatchObject({ at: ten * 60_000, played: 2_000, viewers: 1 });
  });
  it("keeps to its number of points up to a month and beyond", () => {
    for (const minutes of [1, 60, 180, 181, 1440, 2881, 44_640, 525_600]) {
      expect(minutes / bucketWidth(minutes)).toBeLessThanOrEqual(MAX_POINTS);
    }
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
  it("covers the last hour, the running minute included, unless told otherwise", () => {
    expect(resolveRange({}, NOON, 2_880)).toEqual({ ok: true, value: { from: minute - 59, to: minute + 1 } });
  });
  it("rounds outwards to whole minutes", () => {
    const range = resolveRange({ from: NOON, to: NOON + 1 }, NOON, 2_880);
    expect(range).toEqual({ ok: true, value: { from: minute, to: minute + 1 } });
  });
  it("leaves whole minutes as they are", () => {
    const range = resolveRange({ from: (minute - 2) * 60_000, to: minute * 60_000 }, NOON, 2_880);
    expect(range).toEqual({ ok: true, value: { from: minute - 2, to: minute } });
  });
  it("refuses a range that is empty, reversed or longer than reports are kept", () => {
    expect(resolveRange({ from: NOON, to: NOON }, NOON, 60)).toMatchObject({ fault: { code: "reversedRange" } });
    expect(resolveRange({ from: NOON + 3_600_000 }, NOON, 60)).toMatchObject({ fault: { code: "reversedRange" } });
    expect(resolveRange({ from: NOON - 3_600_000 }, NOON, 60)).toMatchObject({ ok: true });
    expect(resolveRange({ from: NOON - 3_660_000 }, NOON, 60)).toMatchObject({ fault: { code: "rangeTooLong" } });
  });
});

describe("startupQuantile", () => {
  it("knows nothing of no sessions", () => expect(startupQuantile(new Map(), 0.5)).toBeNull());
});
