import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WorkerEnvSchema } from "../../../worker/index.ts";
import type { Breakdown, Series } from "../../../worker/protocol/index.ts";
import { NOON, received, sessionId } from "./samples.ts";
import { type ServedReports, serveReports } from "./serve-reports.ts";

const PRICES = { currency: "EUR", cdn: [{ fromGB: 0, price: 40 }], turnPerGB: 100 };

let served: ServedReports;
beforeEach(async () => {
  served = await serveReports({ kind: "open" }, PRICES);
});
afterEach(() => served.stop());

const get = (path: string) => served.get(path);

const rows = async (path: string) => ((await get(path)).body as Breakdown).rows;

const NO_REASONS = { start: 0, duty: 0, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 };

describe("GET /api/v1/reports", () => {
  it("answers with zeros and no offload before anything happened", async () => {
    const { status, cache, body } = await get("/summary");
    expect([status, cache]).toEqual([200, "no-store"]);
    expect(body).toEqual({
      site: null,
      stream: null,
      from: "2026-01-31T11:01:00.000Z",
      to: "2026-01-31T12:01:00.000Z",
      bytes: { cdn: 0, peer: 0, relay: 0, uploaded: 0, played: 0, wasted: 0, overhead: 0 },
      cdnReasons: NO_REASONS,
      nearness: { lan: 0, network: 0, as: 0, country: 0, far: 0 },
      offload: null,
      gap: { bound: null, limit: null, bytes: 0, spent: { ...NO_REASONS, relay: 0 } },
      viewers: { unique: 0, peak: 0, now: 0 },
      quality: {
        startupMs: null,
        startup: null,
        stalls: 0,
        stallMs: 0,
        stall: null,
        stallRatio: null,
        watchMs: 0,
        bitsPerSecond: null,
        errors: 0,
        waryMs: 0,
        offMs: 0,
      },
      accounts: { claimed: 0, given: 0, disputed: 0 },
      money: { currency: "EUR", without: 0, cdn: 0, turn: 0, saved: 0 },
    });
  });

  it("reports what the sink took, at once, by stream", async () => {
    const other = received({ stream: "a b&c?", session: sessionId(2), played: 9_000 });
    await served.worker.sink.accept({ samples: [received(), other] });
    const summary = (await get(`/summary?stream=${encodeURIComponent("a b&c?")}`)).body;
    expect(summary).toMatchObject({ stream: "a b&c?", bytes: { played: 9_000 }, viewers: { unique: 1, peak: 1 } });
    expect((await get("/summary?stream=")).body).toMatchObject({ stream: null, bytes: { played: 10_000 } });
    expect((await get("/summary?stream=none")).body).toMatchObject({ stream: "none", offload: null });
    expect((await get("/streams")).body).toEqual({
      streams: [
        { stream: "a b&c?", played: 9_000 },
        { stream: "film", played: 1_000 },
      ],
    });
  });

  it("has the summary's sums in the series, the running minute last", async () => {
    await served.worker.sink.accept({ samples: [received(), received({ seq: 1, at: NOON - 120_000 })] });
    const { status, body } = await get("/series?stream=film");
    expect(status).toBe(200);
    const { bucketMs, points } = body as Series;
    expect(bucketMs).toBe(60_000);
    expect(points).toHaveLength(60);
    expect(points.at(-1)).toMatchObject({
      at: NOON - 30_000,
      cdn: 400,
      peer: 600,
      relay: 0,
      played: 1_000,
      viewers: 1,
    });
    expect(points.at(-3)?.played).toBe(1_000);
  });

  it("takes ISO 8601 and milliseconds, and tells what it rounded them to", async () => {
    for (const [from, to] of [
      ["2026-01-31T11:59:30Z", "2026-01-31T12:00:01Z"],
      ["2026-01-31T12:59:30+01:00", String(NOON - 29_000)],
    ]) {
      const { body } = await get(`/summary?from=${from}&to=${to}`);
      expect(body).toMatchObject({ from: "2026-01-31T11:59:00.000Z", to: "2026-01-31T12:01:00.000Z" });
    }
  });

  it.each([
    ["from=yesterday", "badTime"],
    ["to=2026-02-30", "badTime"],
    ["from=1&from=2", "badTime"],
    ["from=2026-01-31T12:00:00Z&to=2026-01-31T11:00:00Z", "reversedRange"],
    ["from=0", "rangeTooLong"],
    ["from=2016-01-31&to=2026-01-31", "rangeTooLong"],
    ["format=xml", "badFormat"],
    [`site=${"x".repeat(65)}`, "badSite"],
    [`stream=${"x".repeat(513)}`, "badStream"],
    ["stream=a&stream=b", "badStream"],
  ])("refuses ?%s with 400 %s", async (query, code) => {
    for (const path of ["/summary", "/series"]) {
      const { status, cache, body } = await get(`${path}?${query}`);
      expect([status, cache]).toEqual([400, "no-store"]);
      expect(body).toEqual({ code, message: expect.stringMatching(/\w{3}/) });
    }
  });

  it.each([
    ["/series?tz=Europe/Nowhere", "badTimeZone"],
    ["/series?bucket=week", "badBucket"],
    ["/series?bucket=minute&from=2026-01-30T12:00:00Z&to=2026-01-31T12:00:00Z", null],
    ["/series?bucket=minute&from=2026-01-29T13:00:00Z&to=2026-01-31T12:00:00Z", "tooManyPoints"],
    ["/breakdown", "badDimension"],
    ["/breakdown?by=address", "badDimension"],
    ["/sessions", "badStream"],
  ])("judges %s", async (path, code) => {
    const { status, body } = await get(path);
    expect(status).toBe(code === null ? 200 : 400);
    if (code === null) expect(body).not.toHaveProperty("code");
    else expect(body).toMatchObject({ code });
  });

  it("breaks a stream down by what its viewers are, the most played first, and adds up to the summary", async () => {
    await served.worker.sink.accept({
      samples: [
        received({ played: 10 }, { country: "DE" }),
        received({ session: sessionId(2), played: 500 }, { country: "AT" }),
        received({ session: sessionId(3), played: 4 }, { country: "DE" }),
        received({ session: sessionId(4), stream: "news", played: 9_000 }, { country: "CH" }),
      ],
    });
    const film = await rows("/breakdown?by=country&stream=film");
    expect(film.map(({ value, sessions, bytes }) => [value, sessions, bytes.played])).toEqual([
      ["AT", 1, 500],
      ["DE", 2, 14],
    ]);
    const all = await rows("/breakdown?by=country");
    expect(all.map(({ value }) => value)).toEqual(["CH", "AT", "DE"]);
    expect(all.reduce((sum, { bytes }) => sum + bytes.played, 0)).toBe(9_514);
    const streams = await rows("/breakdown?by=stream");
    expect(streams.map(({ value, accounts }) => [value, accounts])).toEqual([
      ["news", { claimed: 0, given: 0, disputed: 0 }],
      ["film", { claimed: 0, given: 0, disputed: 0 }],
    ]);
    expect(await rows("/breakdown?by=country&stream=nothing")).toEqual([]);
  });

  it("tells sites apart, with one stream or all of theirs", async () => {
    await served.worker.sink.accept({
      samples: [
        received({ played: 10 }),
        received({ session: sessionId(2), stream: "news", played: 70 }, { site: "shop" }),
        received({ session: sessionId(3), played: 500 }, { site: "shop" }),
      ],
    });
    const bySite = async (query: string) =>
      (await rows(`/breakdown?by=site${query}`)).map(({ value, sessions, bytes }) => [value, sessions, bytes.played]);
    expect(await bySite("")).toEqual([
      ["shop", 2, 570],
      ["site", 1, 10],
    ]);
    expect(await bySite("&stream=news")).toEqual([["shop", 1, 70]]);
    expect(await bySite("&site=site")).toEqual([["site", 1, 10]]);
  });

  it("lists the sessions of a stream, the newest first", async () => {
    const late = received({ session: sessionId(2), startupMs: 700 }, { device: "phone" });
    await served.worker.sink.accept({
      samples: [received({ at: NOON - 60_000 }), late, received({ seq: 1, played: 7 })],
    });
    const { body } = await get("/sessions?stream=film");
    expect(body).toMatchObject({
      sessions: [
        {
          session: sessionId(2),
          device: "phone",
          beganAt: "2026-01-31T12:00:25.000Z",
          startupMs: 700,
          played: 1_000,
          bitsPerSecond: 1_500_000,
        },
        { session: sessionId(1), group: "p2p", beganAt: "2026-01-31T11:59:25.000Z", lastedMs: 10_000, played: 1_007 },
      ],
    });
  });

  it("says that the holdout is too small", async () => {
    await served.worker.sink.accept({
      samples: [received({ startupMs: 500 }), received({ session: sessionId(2), group: "holdout" })],
    });
    const { body } = await get("/holdout?stream=film");
    expect(body).toMatchObject({
      sessions: { p2p: 1, holdout: 1 },
      startupMs: { kind: "tooSmall", p2p: 500, holdout: null, needed: 100 },
      bitsPerSecond: { kind: "tooSmall", p2p: 1_500_000, holdout: 1_500_000 },
    });
  });

  it("tells what was saved", async () => {
    const bytes = { cdn: 250_000_000, peer: 0, relay: 100_000_000 };
    const cdnReasons = { ...NO_REASONS, duty: 250_000_000 };
    const peerBytes = { lan: 0, network: 0, as: 0, country: 0, far: 0 };
    await served.worker.sink.accept({ samples: [received({ bytes, cdnReasons, peerBytes, played: 500_000_000 })] });
    expect((await get("/summary")).body).toMatchObject({
      money: { currency: "EUR", without: 20, cdn: 10, turn: 10, saved: 0 },
    });
  });

  it("answers as CSV that no spreadsheet takes for a formula", async () => {
    await served.worker.sink.accept({
      samples: [
        received({ stream: '=HYPERLINK("http://evil","x")' }),
        received({
          stream: 'a "quoted", stream\nof two lines',
          session: sessionId(2),
          bytes: { cdn: 3_000, peer: 600, relay: 0 },
          cdnReasons: { ...NO_REASONS, duty: 3_000 },
        }),
      ],
    });
    const response = await fetch(`${served.origin}/api/v1/reports/breakdown?by=stream&format=csv`);
    expect(response.headers.get("content-type")).toContain("text/csv");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="shoal-stream.csv"');
    const text = await response.text();
    expect(text.split("\r\n")[0]).toMatch(/^value,sessions,peak,bytes\.cdn,/);
    expect(text).toContain('"\'=HYPERLINK(""http://evil"",""x"")",1,');
    expect(text).toContain('"a ""quoted"", stream\nof two lines",1,');
    // A number below zero stays one.
    expect(text).toContain(",-2,");
    expect(
      await (await fetch(`${served.origin}/api/v1/reports/breakdown?by=country&stream=none&format=csv`)).text(),
    ).toBe("");
  });

  it("lets other paths pass", async () => {
    expect((await fetch(`${served.origin}/api/v1/reports/elsewhere`)).status).toBe(404);
  });
});

describe("the worker", () => {
  it("takes nothing after close, still answers, and gives its metrics back", async () => {
    await served.worker.sink.accept({ samples: [received()] });
    await served.worker.close();
    await expect(served.worker.sink.accept({ samples: [received({ seq: 1 })] })).rejects.toThrow("closed");
    expect((await served.worker.summary({})).bytes.played).toBe(1_000);
    expect(await served.registry.getMetricsAsJSON()).toEqual([]);
  });

  it("waits for the batches under way when it closes", async () => {
    const accepted = served.worker.sink.accept({ samples: Array.from({ length: 200 }, (_, seq) => received({ seq })) });
    await served.worker.close();
    expect((await served.worker.summary({})).bytes.played).toBe(200_000);
    await accepted;
  });

  it("answers a query of its own process with the code that HTTP would have", async () => {
    await expect(served.worker.summary({ from: NOON, to: NOON - 1 })).rejects.toMatchObject({ code: "reversedRange" });
  });
});

describe("WorkerEnvSchema", () => {
  it("has defaults, also for empty variables", () => {
    const preset = { maxStreams: 1_000, reportTokens: [], prices: null };
    expect(v.parse(WorkerEnvSchema, {})).toEqual(preset);
    expect(v.parse(WorkerEnvSchema, { MAX_STREAMS: " ", REPORT_TOKENS: "", PORT: "1" })).toEqual(preset);
  });
  it("reads all of them", () => {
    const env = {
      MAX_STREAMS: "5",
      REPORT_TOKENS: "shop:0123456789abcdef, *:fedcba9876543210",
      PRICE_PER_GB: "0:0.05,10000:0.03",
      TURN_PRICE_PER_GB: "0.1",
      CURRENCY: "EUR",
    };
    expect(v.parse(WorkerEnvSchema, env)).toEqual({
      maxStreams: 5,
      reportTokens: [
        { site: "shop", token: "0123456789abcdef" },
        { site: "*", token: "fedcba9876543210" },
      ],
      prices: {
        currency: "EUR",
        cdn: [
          { fromGB: 0, price: 0.05 },
          { fromGB: 10_000, price: 0.03 },
        ],
        turnPerGB: 0.1,
      },
    });
    expect(v.parse(WorkerEnvSchema, { PRICE_PER_GB: "0.05" }).prices?.cdn).toEqual([{ fromGB: 0, price: 0.05 }]);
  });
  it.each([
    { MAX_STREAMS: "0" },
    { MAX_STREAMS: "-5" },
    { MAX_STREAMS: "many" },
    { REPORT_TOKENS: "shop" },
    { REPORT_TOKENS: "shop:short" },
    { REPORT_TOKENS: ":0123456789abcdef" },
    { PRICE_PER_GB: "cheap" },
    { PRICE_PER_GB: "10:0.05" },
    { PRICE_PER_GB: "0:0.05,0:0.03" },
    { PRICE_PER_GB: "0:-1" },
    { TURN_PRICE_PER_GB: "1e3" },
    { CURRENCY: "pounds sterling" },
  ])("names the variable in its refusal of %o", (env) => {
    const [name] = Object.keys(env);
    expect(() => v.parse(WorkerEnvSchema, env)).toThrow(new RegExp(`${name} must `));
  });
});
