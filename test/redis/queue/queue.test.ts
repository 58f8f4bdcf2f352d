import pino from "pino";
import { Registry } from "prom-client";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  createQueueMetrics,
  openSampleQueue,
  type QueueLimits,
  type RedisPlace,
  type SampleQueue,
} from "../../../worker/queue/index.ts";
import { freePort } from "../../support/process.ts";
import { type RedisCluster, type RedisServer, startRedis, startRedisCluster } from "../../support/redis.ts";
import { freshPrefix } from "../../support/redis-store.ts";
import { received, sessionId } from "../../unit/worker/samples.ts";

let server: RedisServer;
let cluster: RedisCluster;
beforeAll(async () => {
  [server, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
  return () => Promise.all([server.stop(), cluster.stop()]);
}, 60_000);

const log = pino({ level: "silent" });
const batch = (seq: number) => ({ samples: [received({ seq }), received({ seq, session: sessionId(2) })] });

async function openQueue(prefix: string, limits: Partial<QueueLimits> = {}, place: RedisPlace = { url: server.url }) {
  const queue = openSampleQueue({ place, prefix, log, limits: { backoffMs: 10, recoverMs: 50, ...limits } });
  onTestFinished(() => queue.close());
  await expect.poll(queue.ready, { timeout: 10_000 }).toBe("ready");
  return queue;
}

/** Consumes with `fold`, and keeps what happened. */
function consume(queue: SampleQueue, fold: (batch: unknown) => Promise<unknown>) {
  const news: string[] = [];
  queue.consume(fold, (error) => error instanceof SyntaxError, {
    stalled: () => news.push("stalled"),
    failed: (what) => news.push(what),
  });
  return news;
}

describe("the queue of samples", () => {
  it("carries a batch unchanged, on one Redis and on a cluster", async () => {
    for (const place of [{ url: server.url }, { nodes: cluster.nodes.map(({ url }) => url) }]) {
      const queue = await openQueue(freshPrefix(), {}, place);
      const seen: unknown[] = [];
      consume(queue, async (each) => seen.push(each));
      await queue.sink.accept(batch(0));
      await expect.poll(() => seen).toEqual([batch(0)]);
      await expect.poll(queue.counts).toEqual({ waiting: 0, active: 0, delayed: 0, dead: 0 });
    }
  });

  it("takes the same batch for one job while it waits, and another for another", async () => {
    const queue = await openQueue(freshPrefix());
    for (const seq of [0, 0, 1]) await queue.sink.accept(batch(seq));
    expect(await queue.counts()).toMatchObject({ waiting: 2 });
  });

  it("is shown in metrics with what waits now, or as away", async () => {
    const queue = await openQueue(freshPrefix());
    await queue.sink.accept(batch(0));
    const registry = new Registry();
    createQueueMetrics(registry, queue);
    const text = await registry.metrics();
    expect(text).toContain("shoal_queue_up 1");
    expect(text).toContain('shoal_queue_jobs{state="waiting"} 1');
    await queue.close();
    expect(await registry.metrics()).toContain("shoal_queue_up 0");
  });

  it("tries a batch that failed again, and puts it aside when all tries were in vain", async () => {
    const queue = await openQueue(freshPrefix(), { attempts: 3 });
    let tries = 0;
    const news = consume(queue, async () => {
      tries += 1;
      throw new Error("the store is away");
    });
    await queue.sink.accept(batch(0));
    await expect.poll(() => news, { timeout: 10_000 }).toEqual(["retry", "retry", "dead"]);
    expect(tries).toBe(3);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0, delayed: 0, dead: 1 });
  });

  it("does not try again what cannot help, and gives the dead another round when told to", async () => {
    const queue = await openQueue(freshPrefix());
    let broken = true;
    let folded = 0;
    const news = consume(queue, async () => {
      if (broken) throw new SyntaxError("no batch");
      folded += 1;
    });
    await queue.sink.accept(batch(0));
    await expect.poll(() => news).toEqual(["dead"]);
    expect(await queue.counts()).toMatchObject({ dead: 1 });
    broken = false;
    await queue.revive();
    await expect.poll(() => folded).toBe(1);
    await expect.poll(queue.counts).toMatchObject({ dead: 0 });
  });

  it("keeps no more of the dead than it says", async () => {
    const queue = await openQueue(freshPrefix(), { dead: 2 });
    const news = consume(queue, () => Promise.reject(new SyntaxError("no batch")));
    for (const seq of [0, 1, 2, 3]) await queue.sink.accept(batch(seq));
    await expect.poll(() => news.length).toBe(4);
    await expect.poll(queue.counts).toMatchObject({ dead: 2 });
  });

  it("is full at its bound, and takes again when there is room", async () => {
    const prefix = freshPrefix();
    const queue = await openQueue(prefix, { backlog: 2 });
    await queue.sink.accept(batch(0));
    await queue.sink.accept(batch(1));
    await expect(queue.sink.accept(batch(2))).rejects.toMatchObject({ reason: "full" });
    const worker = await openQueue(prefix);
    consume(worker, () => Promise.resolve());
    await expect.poll(queue.counts).toMatchObject({ waiting: 0 });
    await queue.sink.accept(batch(2));
  });

  it("refuses at once while Redis is away, and so does one that was closed", async () => {
    const away = openSampleQueue({ place: { url: `redis://127.0.0.1:${await freePort()}` }, log });
    await expect(away.sink.accept(batch(0))).rejects.toMatchObject({ reason: "offline" });
    await away.close();
    await expect(away.sink.accept(batch(0))).rejects.toMatchObject({ reason: "closed" });
  });
});
