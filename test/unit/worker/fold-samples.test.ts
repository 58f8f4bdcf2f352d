import pino from "pino";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { createReports } from "../../../worker/http/queries.ts";
import { BatchRefused, foldSamples } from "../../../worker/jobs/fold-samples.ts";
import { createWorkerMetrics } from "../../../worker/jobs/metrics.ts";
import { BATCH_SAMPLES } from "../../../worker/protocol/index.ts";
import { createMemoryStore } from "../../../worker/store/memory.ts";
import type { ReportStore } from "../../../worker/store/port.ts";
import { NOON, received, sessionId } from "./samples.ts";

const setup = (wrap: (store: ReportStore) => ReportStore = (store) => store) => {
  const time = { now: NOON };
  const clock = () => time.now;
  const memory = createMemoryStore({ clock, maxStreams: 10, viewerKey: new Uint8Array(32) });
  const store = wrap(memory);
  const registry = new Registry();
  const metrics = createWorkerMetrics(registry, store);
  const run = (samples: unknown) => foldSamples({ samples }, { store, clock, metrics, log: pino({ level: "silent" }) });
  const { summary: ask } = createReports({ store: memory, clock, prices: null });
  const summary = () => ask({ from: time.now - 3 * 3_600_000, to: time.now + 60_000 });
  return { run, summary, registry, time };
};

describe("foldSamples", () => {
  it("counts a batch and says so", async () => {
    const { run, summary } = setup();
    expect(await run([received({ seq: 0 }), received({ seq: 1, startupMs: 800 })])).toEqual({
      folded: 2,
      duplicates: 0,
      refused: [],
    });
    const { bytes, quality } = await summary();
    expect(bytes).toEqual({ cdn: 800, peer: 1_200, relay: 0, uploaded: 100, played: 2_000, wasted: 14, overhead: 18 });
    expect(quality.startupMs).toBeGreaterThan(780);
    expect(quality.startupMs).toBeLessThan(820);
  });

  it("does not lose the others to one bad sample", async () => {
    const { run, summary } = setup();
    const result = await run([
      received({ seq: 0 }),
      { ...received(), extra: 1 },
      null,
      received({ seq: 1, watchMs: 9_000 }),
      received({ seq: 2 }),
    ]);
    expect(result).toEqual({
      folded: 2,
      duplicates: 0,
      refused: [
        { index: 1, reason: "malformed" },
        { index: 2, reason: "malformed" },
        { index: 3, reason: "watchTime" },
      ],
    });
    expect((await summary()).bytes.played).toBe(2_000);
  });

  it("counts the same sample once, within a batch and across batches", async () => {
    const { run, summary } = setup();
    expect(await run([received(), received()])).toMatchObject({ folded: 1, duplicates: 1 });
    expect(await run([received()])).toMatchObject({ folded: 0, duplicates: 1 });
    expect((await summary()).bytes.played).toBe(1_000);
  });

  it("counts nothing twice when a job whose answer was lost runs again, even after later batches", async () => {
    let lost = 1;
    const forgetful = (store: ReportStore): ReportStore => ({
      ...store,
      fold: async (samples) => {
        const outcomes = await store.fold(samples);
        if (lost-- > 0) throw new Error("connection lost");
        return outcomes;
      },
    });
    const { run, summary, registry } = setup(forgetful);
    const batch = [0, 1, 2, 3].map((seq) => received({ seq }));
    await expect(run([...batch, null])).rejects.toThrow("connection lost");
    await run([4, 5].map((seq) => received({ seq })));
    expect(await run([...batch, received({ seq: 6 }), null])).toMatchObject({ folded: 1, duplicates: 4 });
    expect((await summary()).bytes.played).toBe(7_000);
    expect(await registry.metrics()).toContain('shoal_worker_refused_samples_total{reason="malformed"} 1');
  });

  it("refuses what was received longer ago than sessions are remembered", async () => {
    const { run, time } = setup();
    const old = received();
    time.now = NOON + 2 * 3_600_000 - 1;
    expect(await run([old])).toMatchObject({ folded: 1 });
    time.now += 1;
    expect(await run([old])).toMatchObject({ refused: [{ index: 0, reason: "tooOld" }] });
  });

  it("puts a sample from a tracker whose clock is ahead into the running minute", async () => {
    const { run, summary } = setup();
    await run([received({ at: NOON + 3_600_000 }, { receivedAt: NOON + 3_600_000 })]);
    expect((await summary()).bytes.played).toBe(1_000);
  });

  it("rejects a payload that is no batch", async () => {
    const { run } = setup();
    const tooMany = Array.from({ length: BATCH_SAMPLES + 1 }, (_, seq) => received({ seq }));
    for (const payload of [undefined, [], "x", tooMany])
      await expect(run(payload)).rejects.toBeInstanceOf(BatchRefused);
    await expect(run(tooMany.slice(1))).resolves.toMatchObject({ folded: BATCH_SAMPLES });
  });

  it("counts outcomes, reasons and bytes in its metrics", async () => {
    const { run, registry } = setup();
    await run([
      received(),
      received(),
      received({ seq: 1, spanMs: 0, watchMs: 4_000 }),
      received({ session: sessionId(2) }),
    ]);
    const text = await registry.metrics();
    for (const line of [
      'shoal_worker_samples_total{outcome="folded"} 2',
      'shoal_worker_samples_total{outcome="duplicate"} 1',
      'shoal_worker_refused_samples_total{reason="watchTime"} 1',
      'shoal_worker_refused_samples_total{reason="rate"} 0',
      'shoal_worker_bytes_total{source="peer"} 1200',
      'shoal_worker_cdn_bytes_total{reason="start"} 600',
      'shoal_worker_held{kind="sessions"} 2',
    ]) {
      expect(text).toContain(line);
    }
  });
});
