import { BATCH_SAMPLES } from "../../../worker/protocol/index.ts";
import { bucketOf, count } from "../../../worker/reports/index.ts";
import { until } from "../../support/process.ts";
import { type RedisServer, startDurableRedis } from "../../support/redis.ts";
import { openReportWorker } from "../../support/report-worker.ts";
import { checkCrowd, makeCrowd } from "./crowd.ts";

const SITE = "bench";

/** `streams`, `viewers`: of the crowd whose samples wait. */
export type Backlog = { readonly samples: number; readonly streams: number; readonly viewers: number };

async function redisInfo(server: RedisServer, section: string, field: RegExp): Promise<number> {
  const info = String(await server.command("INFO", section));
  return [...info.matchAll(field)].reduce((sum, [, value]) => sum + Number(value), 0);
}
const redisCpu = (server: RedisServer) => redisInfo(server, "cpu", /used_cpu_(?:sys|user):([\d.]+)/g);
const redisMemory = (server: RedisServer) => redisInfo(server, "memory", /used_memory:(\d+)/g);

/** A backlog of samples in the queue, drained by one worker with Redis beside it. What makes the samples works before the clock starts. */
export async function benchFold(backlog: Backlog) {
  const server = await startDurableRedis("everysec");
  try {
    return await drain(server, backlog);
  } finally {
    await server.stop();
  }
}

async function drain(server: RedisServer, { samples, streams, viewers }: Backlog) {
  const { store, worker, queue, close } = openReportWorker({ url: server.url, level: "warn" });
  await until("Redis", 10_000, () => queue.ready() === "ready" && store.ready() === "ready");

  const crowd = makeCrowd({ streams, viewers, seed: 1, site: SITE });
  const rounds = Math.ceil(samples / viewers);
  let played = 0;
  let told = 0;
  for (let round = 0; round < rounds; round++) {
    const each = crowd.round(Date.now() - (rounds - round) * 5000);
    if (round === 0) checkCrowd(each);
    for (const { sample } of each) played += sample.played;
    told += each.length;
    const batches = Array.from({ length: Math.ceil(each.length / BATCH_SAMPLES) }, (_, index) =>
      each.slice(index * BATCH_SAMPLES, (index + 1) * BATCH_SAMPLES),
    );
    await Promise.all(batches.map((batch) => queue.sink.accept({ samples: batch })));
  }
  const backlogBytes = await redisMemory(server);

  const memory: number[] = [];
  const meter = setInterval(() => memory.push(process.memoryUsage().rss), 1000);
  const [cpuBefore, own, start] = [await redisCpu(server), process.cpuUsage(), performance.now()];
  let folded = 0;
  await new Promise<void>((done) => {
    const news = { stalled: () => undefined, failed: () => undefined };
    const fold = async (batch: unknown): Promise<void> => {
      const result = await worker.fold(batch);
      folded += result.folded;
      if (folded >= told) done();
    };
    queue.consume(fold, () => false, news);
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(own);
  clearInterval(meter);
  const redisSeconds = (await redisCpu(server)) - cpuBefore;

  const day = bucketOf(Date.now(), "day");
  const span = { resolution: "day", from: day - 1, to: day + 1 } as const;
  const cells = await store.read(SITE, { stream: null, dimension: "all" }, [span]);
  const summed = [...cells.values()].flat().reduce((sum, { cell }) => sum + count(cell, "played"), 0);
  const figures = {
    samples: told,
    perSecond: told / seconds,
    seconds,
    exact: summed === played,
    workerMicrosPerSample: (user + system) / told,
    redisMicrosPerSample: (redisSeconds * 1e6) / told,
    backlogBytesPerSample: backlogBytes / told,
    storeBytes: await redisMemory(server),
    rssStart: memory[0] ?? 0,
    rssMiddle: memory[Math.floor(memory.length / 2)] ?? 0,
    rssEnd: memory.at(-1) ?? 0,
  };
  await close();
  return figures;
}
