import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import pino from "pino";
import { expect, it, onTestFinished } from "vitest";
import type { ReceivedSample, SampleBatch } from "../../../worker/protocol/index.ts";
import { openSampleQueue, type SampleQueue } from "../../../worker/queue/index.ts";
import { bucketOf } from "../../../worker/reports/index.ts";
import { createRedisReportStore } from "../../../worker/store/redis/index.ts";
import { makeCrowd } from "../../bench/reports/crowd.ts";
import { randomStream } from "../../sim/random.ts";
import { until } from "../../support/process.ts";
import { type RedisServer, startDurableRedis } from "../../support/redis.ts";
import { SHORT } from "./short.ts";

const log = pino({ level: "silent" });
const PREFIX = "once";
const VIEWERS = 300;
const STREAMS = 5;
const BATCH = 50;
const PATIENCE_MS = 60_000;

/** A worker process; it ends with the test. */
async function startWorker(url: string) {
  const args = ["--import", "tsx", "test/redis/queue/consumer.ts", url, PREFIX];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let folded = 0;
  if (child.stdout === null) throw new Error("a worker without a voice");
  const lines = createInterface({ input: child.stdout });
  const died = once(child, "exit").then(() => {
    throw new Error("the worker ended before it was ready");
  });
  await Promise.race([once(lines, "line"), died]);
  died.catch(() => undefined);
  lines.on("line", (line) => {
    folded = Number(line);
  });
  return {
    folded: () => folded,
    kill: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

async function openWorld() {
  const server = await startDurableRedis("always");
  onTestFinished(() => server.stop());
  const queue = openSampleQueue({ place: { url: server.url }, prefix: PREFIX, log, limits: SHORT });
  onTestFinished(() => queue.close());
  await until("the queue", 10_000, () => queue.ready() === "ready");
  return { server, queue };
}

/** What the viewers of `rounds` reports have to tell, in batches out of order and some of them twice. */
function makeBatches(
  rounds: number,
  seed = 3,
): { readonly batches: SampleBatch[]; readonly samples: ReceivedSample[] } {
  const crowd = makeCrowd({ streams: STREAMS, viewers: VIEWERS, seed, site: "site" });
  const random = randomStream(seed, "batches");
  const samples = Array.from({ length: rounds }, (_, round) =>
    crowd.round(Date.now() - (rounds - round) * 1000),
  ).flat();
  const shuffled = samples
    .map((sample, index) => ({ sample, place: index + random() * VIEWERS }))
    .sort((a, b) => a.place - b.place)
    .map(({ sample }) => sample);
  const batches: SampleBatch[] = [];
  for (let at = 0; at < shuffled.length; at += BATCH) {
    // Each batch also has some samples of the one before, as a viewer that got no answer sends them again.
    batches.push({ samples: shuffled.slice(Math.max(0, at - 5), at + BATCH) });
    if (random() < 0.2) batches.push({ samples: shuffled.slice(at, at + BATCH) });
  }
  return { batches, samples };
}

/** Hands a batch over as the tracker's viewers do: again and again until it was taken. */
async function deliver(queue: SampleQueue, batch: SampleBatch): Promise<void> {
  await until("a batch to be taken", PATIENCE_MS, () =>
    queue.sink.accept(batch).then(
      () => true,
      () => false,
    ),
  );
}

/** Sums of the store, by stream, against those of the samples, to the byte. */
async function expectExact(server: RedisServer, queue: SampleQueue, samples: readonly ReceivedSample[]): Promise<void> {
  // Just after a restart the connection may not be back yet.
  const counts = () => queue.counts().catch(() => undefined);
  const empty = async () => {
    const known = await counts();
    return known !== undefined && known.waiting + known.active + known.delayed === 0;
  };
  await until("the queue to be empty", PATIENCE_MS, empty, counts);
  expect((await queue.counts()).dead).toBe(0);
  const store = createRedisReportStore({
    place: { url: server.url },
    prefix: PREFIX,
    log,
    clock: Date.now,
    maxStreams: 9,
  });
  onTestFinished(() => store.close());
  await until("the store", 10_000, () => store.ready() === "ready");
  const today = bucketOf(Date.now(), "day");
  const span = { resolution: "day", from: today - 1, to: today + 1 } as const;
  const cells = await store.read("site", { stream: null, dimension: "stream" }, [span]);
  const sum = (stream: string, counter: "played" | "cdn" | "samples") =>
    (cells.get(stream) ?? []).reduce((total, { cell }) => total + (cell.counts.get(counter) ?? 0), 0);
  for (let stream = 0; stream < STREAMS + 2; stream++) {
    const of = samples.filter(({ sample }) => sample.stream === `stream-${stream}`);
    expect({
      samples: sum(`stream-${stream}`, "samples"),
      played: sum(`stream-${stream}`, "played"),
      cdn: sum(`stream-${stream}`, "cdn"),
    }).toEqual({
      samples: of.length,
      played: of.reduce((total, { sample }) => total + sample.played, 0),
      cdn: of.reduce((total, { sample }) => total + sample.bytes.cdn, 0),
    });
  }
}

it("loses and doubles nothing when workers are killed in the middle of batches, again and again", async () => {
  const { server, queue } = await openWorld();
  const survivor = await startWorker(server.url);
  let victim = await startWorker(server.url);
  const told: ReceivedSample[] = [];
  let dying = true;
  const feeding = (async () => {
    for (let seed = 1; dying; seed++) {
      const { batches, samples } = makeBatches(1, seed);
      for (const batch of batches) await deliver(queue, batch);
      told.push(...samples);
      await until("the workers to keep up", PATIENCE_MS, async () => (await queue.counts()).waiting < 40);
    }
  })();
  try {
    for (let death = 0; death < 3; death++) {
      const heir = startWorker(server.url);
      await until("the victim to be at work", PATIENCE_MS, () => victim.folded() > 3);
      await victim.kill();
      victim = await heir;
    }
  } finally {
    dying = false;
  }
  await feeding;
  await expectExact(server, queue, told);
  expect(survivor.folded()).toBeGreaterThan(0);
}, 150_000);

it("loses and doubles nothing when Redis is killed and starts again from its append-only file", async () => {
  const { server, queue } = await openWorld();
  const { batches, samples } = makeBatches(20);
  const workers = [await startWorker(server.url), await startWorker(server.url)];
  const folded = () => workers.reduce((sum, worker) => sum + worker.folded(), 0);
  const feeding = (async () => {
    for (const batch of batches) await deliver(queue, batch);
  })();
  for (const share of [0.2, 0.5]) {
    await until("some of the work to be done", PATIENCE_MS, () => folded() > batches.length * share);
    await server.kill();
    await server.restart();
  }
  await feeding;
  await expectExact(server, queue, samples);
}, 120_000);

it("counts once what two workers fold at the same time", async () => {
  const { server, queue } = await openWorld();
  const { batches, samples } = makeBatches(2);
  const stores = [0, 1].map(() => {
    const store = createRedisReportStore({
      place: { url: server.url },
      prefix: PREFIX,
      log,
      clock: Date.now,
      maxStreams: 9,
    });
    onTestFinished(() => store.close());
    return store;
  });
  for (const store of stores) await until("the store", 10_000, () => store.ready() === "ready");
  const placed = batches.map((batch) => batch.samples.map(({ receivedAt, ...rest }) => ({ ...rest, at: receivedAt })));
  await Promise.all(placed.flatMap((batch) => stores.map((store) => store.fold(batch))));
  await expectExact(server, queue, samples);
}, 60_000);
