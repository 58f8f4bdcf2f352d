/**
 * What the Redis store costs. Joins: Redis's own CPU for each, in a swarm of 20,000, from Redis's own account of it (`INFO cpu`).
 * Mail: signals of 1.5 KB from this process to another, until the last has arrived. Each is measured in rounds, since a busy
 * machine only adds. Both generators are this process; `busy` is the share of the time that Redis was, so that one sees who
 * waited.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { PeerIdSchema, type SwarmId } from "../../../tracker/protocol/index.ts";
import { createRedisStore, type Mail, type SwarmStore } from "../../../tracker/store/index.ts";
import type { Member } from "../../../tracker/swarm/index.ts";
import { until } from "../../support/process.ts";
import { type RedisServer, startRedis } from "../../support/redis.ts";

const SWARM = "bench" as SwarmId;
const MEMBERS = 20_000;
const ROUNDS = 12;
const JOINS = 500;
const MAILS = 20_000;
const AT_ONCE = 64;
const SIGNAL_LENGTH = 1500;

type Round = {
  readonly perSecond: number;
  readonly redisMicros: number;
  readonly ownMicros: number;
  readonly busy: number;
};

const text = (length: number): string => randomBytes(length).toString("base64url").slice(0, length);
const below = (count: number): number => Math.floor(Math.random() * count);
const peerId = (node: string) => v.parse(PeerIdSchema, node + text(18));
const place = (kind: string, count: number): string => `${kind}${below(count)}`.padEnd(22, "-");

/** Viewers of a live event: most alone at their address, some hundreds to an operator, thousands to a country. */
const viewer = (): Member => ({
  id: peerId("n0de"),
  giving: "share",
  joinedAt: Date.now(),
  locality: { address: place("a", 15_000), prefix: place("p", 3000), as: below(60), country: place("c", 5) },
});

type Work = { readonly act: () => Promise<unknown>; readonly finish?: () => Promise<unknown> };

/** Does `count` things, `AT_ONCE` at a time, and tells what each cost. */
async function measure(server: RedisServer, count: number, { act, finish }: Work): Promise<Round> {
  const cpu = async (): Promise<number> => {
    const info = String(await server.command("INFO", "cpu"));
    return [...info.matchAll(/used_cpu_(?:sys|user):([\d.]+)/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
  };
  const [redis, own, start] = [await cpu(), process.cpuUsage(), performance.now()];
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await act();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await finish?.();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(own);
  const redisSeconds = (await cpu()) - redis;
  return {
    perSecond: count / seconds,
    redisMicros: (redisSeconds / count) * 1e6,
    ownMicros: (user + system) / count,
    busy: redisSeconds / seconds,
  };
}

async function rounds(server: RedisServer, count: number, work: Work): Promise<Round[]> {
  const done: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) done.push(await measure(server, count, work));
  return done;
}

/** Another process with a mailbox: `next` waits for its next line. */
function startReceiver(url: string) {
  const args = ["--import", "tsx", "test/redis/holder.ts", url, "shoal", "two2", "15000", "count"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async (): Promise<string> => String((await lines.next()).value),
    async stop() {
      child.kill();
      await once(child, "exit");
    },
  };
}

async function measureMail(server: RedisServer, store: SwarmStore): Promise<Round[]> {
  const receiver = startReceiver(server.url);
  try {
    await receiver.next();
    const [to, from] = [peerId("two2"), peerId("n0de")];
    const signal: Mail = { kind: "signal", to, from, payload: text(SIGNAL_LENGTH) };
    let expected = 0;
    return await rounds(server, MAILS, {
      act: () => store.post(signal),
      async finish() {
        await store.post({ kind: "gone", to, peer: from });
        expected += MAILS + 1;
        const received = Number(await receiver.next());
        if (received !== expected) throw new Error(`${received} mails arrived of ${expected}`);
      },
    });
  } finally {
    await receiver.stop();
  }
}

async function run(server: RedisServer, store: SwarmStore) {
  await until("the store", 10_000, async () => (await store.ready()) === "ready");
  const join = { act: () => store.join(SWARM, viewer()) };
  await measure(server, MEMBERS, join);
  return { joins: await rounds(server, JOINS, join), mails: await measureMail(server, store) };
}

function summary(done: readonly Round[]) {
  const of = (key: keyof Round, better: "low" | "high") => {
    const sorted = done.map((round) => round[key]).sort((a, b) => (better === "low" ? a - b : b - a));
    return { best: sorted[0] ?? Number.NaN, median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
  };
  return {
    perSecond: of("perSecond", "high"),
    redisMicros: of("redisMicros", "low"),
    ownMicros: of("ownMicros", "low"),
    busy: of("busy", "high"),
  };
}

/** The best and the median round of each figure. */
export type RedisFigures = { readonly members: number } & Record<"joins" | "mails", ReturnType<typeof summary>>;

/** Starts a Redis, measures, and ends it. */
export async function measureRedis(): Promise<RedisFigures> {
  const server = await startRedis();
  const store = createRedisStore({ url: server.url });
  try {
    const { joins, mails } = await run(server, store);
    return { members: MEMBERS, joins: summary(joins), mails: summary(mails) };
  } finally {
    await store.close();
    await server.stop();
  }
}
