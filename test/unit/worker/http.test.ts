import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import pino from "pino";
import { Registry } from "prom-client";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorker, type Worker, WorkerEnvSchema } from "../../../worker/index.ts";
import { NOON, received, sessionId } from "./samples.ts";

let worker: Worker;
let registry: Registry;
let base: string;
let stop: () => Promise<void>;

const get = async (path: string) => {
  const response = await fetch(`${base}${path}`);
  return { status: response.status, cache: response.headers.get("cache-control"), body: await response.json() };
};

beforeEach(async () => {
  registry = new Registry();
  const log = pino({ level: "silent" });
  const config = { reportMinutes: 120, maxStreams: 10 };
  worker = createWorker({ config, log, metrics: registry, clock: () => NOON });
  const server = new Koa().use(worker.routes).listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/reports`;
  stop = async () => {
    await worker.close();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
});
afterEach(() => stop());

describe("GET /api/v1/reports", () => {
  it("answers with zeros and no offload before anything happened", async () => {
    const { status, cache, body } = await get("/summary");
    expect([status, cache]).toEqual([200, "no-store"]);
    expect(body).toEqual({
      stream: null,
      from: "2026-01-31T11:01:00.000Z",
      to: "2026-01-31T12:01:00.000Z",
      bytes: { cdn: 0, peer: 0, relay: 0, uploaded: 0, played: 0, wasted: 0 },
      cdnReasons: { start: 0, duty: 0, noPeer: 0, tooLate: 0, failedCheck: 0, policy: 0, p2pOff: 0 },
      offload: null,
      viewers: { unique: 0, peak: 0 },
      quality: { stalls: 0, stallMs: 0, startupMs: null, watchMs: 0 },
    });
  });

  it("reports what the sink took, at once, by stream", async () => {
    const other = received({ stream: "a b&c?", session: sessionId(2), played: 9_000 });
    await worker.sink.accept({ samples: [received(), other] });
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
    await worker.sink.accept({ samples: [received(), received({ seq: 1, at: NOON - 120_000 })] });
    const { status, body } = await get("/series?stream=film");
    expect(status).toBe(200);
    expect(body.bucketMs).toBe(60_000);
    expect(body.points).toHaveLength(60);
    expect(body.points.at(-1)).toEqual({ at: NOON - 30_000, cdn: 400, peer: 600, relay: 0, played: 1_000, viewers: 1 });
    expect(body.points.at(-3).played).toBe(1_000);
  });

  it("takes ISO 8601 and milliseconds, and tells what it rounded them to", async () => {
    for (const [from, to] of [
      ["2026-01-31T11:59:30Z", "2026-01-31T12:00:01Z"],
      ["2026-01-31T12:59:30+01:00", String(NOON - 29_000)],
    ]) {
      const { body } = await get(`/summary?from=${from}&to=${to}`);
      expect([body.from, body.to]).toEqual(["2026-01-31T11:59:00.000Z", "2026-01-31T12:01:00.000Z"]);
    }
  });

  it.each([
    ["from=yesterday", "badTime"],
    ["to=2026-02-30", "badTime"],
    ["from=1&from=2", "badTime"],
    ["from=2026-01-31T12:00:00Z&to=2026-01-31T11:00:00Z", "reversedRange"],
    ["from=0", "rangeTooLong"],
    [`stream=${"x".repeat(513)}`, "badStream"],
    ["stream=a&stream=b", "badStream"],
  ])("refuses ?%s with 400 %s", async (query, code) => {
    for (const path of ["/summary", "/series"]) {
      const { status, cache, body } = await get(`${path}?${query}`);
      expect([status, cache]).toEqual([400, "no-store"]);
      expect(body).toEqual({ code, message: expect.stringMatching(/\w{3}/) });
    }
  });

  it("lets other paths pass", async () => {
    expect((await fetch(`${base}/elsewhere`)).status).toBe(404);
  });
});

describe("the worker", () => {
  it("takes nothing after close, still answers, and gives its metrics back", async () => {
    await worker.sink.accept({ samples: [received()] });
    await worker.close();
    await expect(worker.sink.accept({ samples: [received({ seq: 1 })] })).rejects.toThrow("closed");
    expect((await worker.summary({})).bytes.played).toBe(1_000);
    expect(await registry.getMetricsAsJSON()).toEqual([]);
  });

  it("waits for the batches under way when it closes", async () => {
    const accepted = worker.sink.accept({ samples: Array.from({ length: 200 }, (_, seq) => received({ seq })) });
    await worker.close();
    expect((await worker.summary({})).bytes.played).toBe(200_000);
    await accepted;
  });

  it("answers a query of its own process with the code that HTTP would have", async () => {
    await expect(worker.summary({ from: NOON, to: NOON - 1 })).rejects.toMatchObject({ code: "reversedRange" });
  });
});

describe("WorkerEnvSchema", () => {
  it("has defaults, also for empty variables", () => {
    expect(v.parse(WorkerEnvSchema, {})).toEqual({ reportMinutes: 2_880, maxStreams: 1_000 });
    expect(v.parse(WorkerEnvSchema, { REPORT_MINUTES: " ", PORT: "1" })).toEqual({
      reportMinutes: 2_880,
      maxStreams: 1_000,
    });
  });
  it("reads both", () => {
    const env = { REPORT_MINUTES: "60", MAX_STREAMS: "5" };
    expect(v.parse(WorkerEnvSchema, env)).toEqual({ reportMinutes: 60, maxStreams: 5 });
  });
  it.each([
    { REPORT_MINUTES: "59" },
    { REPORT_MINUTES: "1e3" },
    { REPORT_MINUTES: "44641" },
    { MAX_STREAMS: "0" },
    { MAX_STREAMS: "-5" },
    { MAX_STREAMS: "many" },
  ])("names the variable in its refusal of %o", (env) => {
    const [name, value] = Object.entries(env)[0] ?? [];
    expect(() => v.parse(WorkerEnvSchema, env)).toThrow(new RegExp(`${name} must be .*"${value}"`));
  });
});
