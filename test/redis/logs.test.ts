import pino from "pino";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { bucketOf, type PlacedSample } from "../../worker/reports/index.ts";
import { createCompactor } from "../../worker/store/redis/compact.ts";
import { connect } from "../../worker/store/redis/connection.ts";
import { createRedisReportStore } from "../../worker/store/redis/index.ts";
import { headOf, sumUp } from "../../worker/store/redis/log.ts";
import { createRunner } from "../../worker/store/redis/scripts.ts";
import { makeCrowd } from "../bench/reports/crowd.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { freshPrefix } from "../support/redis-store.ts";

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
  return () => server.stop();
}, 60_000);

const STREAMS = 3;
const MINUTE_MS = 60_000;
const log = pino({ level: "silent" });

async function openWorld() {
  const prefix = freshPrefix();
  const place = { url: server.url };
  let later = 0;
  const store = createRedisReportStore({ place, prefix, log, clock: () => Date.now() + later, maxStreams: 100 });
  const connection = connect(place, () => undefined);
  onTestFinished(() => {
    store.close();
    connection.close();
  });
  for (const { ready } of [store, connection]) await expect.poll(ready, { timeout: 10_000 }).toBe("ready");
  const compactor = createCompactor(connection, createRunner(connection), (error) => expect.unreachable(String(error)));
  const logs = async () => (await server.command("KEYS", `${prefix}:*:log:*`)) as string[];
  const wait = (ms: number): void => {
    later += ms;
  };
  return { store, connection, compactor, logs, wait };
}

/** Rounds of the same viewers, as the worker places them: half a second apart, all inside the last whole minute. */
function makeRounds(rounds: number, viewers = 60): PlacedSample[][] {
  const crowd = makeCrowd({ streams: STREAMS, viewers, seed: 5, site: "site" });
  const start = (Math.floor(Date.now() / MINUTE_MS) - 1) * MINUTE_MS;
  return Array.from({ length: rounds }, (_, round) =>
    crowd.round(start + round * 500).map(({ receivedAt, ...rest }) => ({ ...rest, at: receivedAt })),
  );
}

const today = {
  resolution: "day",
  from: bucketOf(Date.now(), "day") - 1,
  to: bucketOf(Date.now(), "day") + 2,
} as const;
type Store = Awaited<ReturnType<typeof openWorld>>["store"];
const totals = async (store: Store) => {
  const cells = [...(await store.read("site", { stream: null, dimension: "all" }, [today])).values()].flat();
  const sum = (counter: "samples" | "played") =>
    cells.reduce((all, { cell }) => all + (cell.counts.get(counter) ?? 0), 0);
  return { samples: sum("samples"), played: sum("played") };
};
const expected = (samples: readonly PlacedSample[]) => ({
  samples: samples.length,
  played: samples.reduce((all, { sample }) => all + sample.played, 0),
});

it("says the same while logs are summed up by two workers and appended to, all at once", async () => {
  const { store, compactor, logs } = await openWorld();
  const rounds = makeRounds(40);
  let counted: PlacedSample[] = [];
  for (const round of rounds) {
    const names = await logs();
    const [outcomes] = await Promise.all([
      store.fold(round),
      ...[...names, ...names].map((name) => compactor.compact(name)),
    ]);
    expect(outcomes.every((outcome) => outcome === "folded")).toBe(true);
    counted = [...counted, ...round];
  }
  expect(await totals(store)).toEqual(expected(counted));
}, 60_000);

it("does not put back what somebody else has summed up meanwhile", async () => {
  const { store, connection, compactor, logs } = await openWorld();
  const [first = [], second = []] = makeRounds(2);
  await store.fold(first);
  const run = createRunner(connection);
  const names = await logs();
  const read = await Promise.all(
    names.map(async (name) => [name, (await connection.send(name, ["GET", name])) as Buffer] as const),
  );
  await store.fold(second);
  // Or the store has by itself, those that have grown long: the one or the other changed the head.
  for (const name of names) await compactor.compact(name);
  for (const [name, bytes] of read) {
    const late = await run("compact", [name], [headOf(bytes), String(bytes.length), sumUp(bytes)]);
    expect(Number(late)).toBe(0);
  }
  expect(await totals(store)).toEqual(expected([...first, ...second]));
});

it("sums up logs that have grown long by itself, keeps when they end, and so stays small", async () => {
  const { store, connection, logs } = await openWorld();
  const rounds = makeRounds(120, 12);
  for (const round of rounds) await store.fold(round);
  const sizes = async () =>
    Promise.all((await logs()).map(async (name) => Number(await connection.send(name, ["STRLEN", name]))));
  // Twelve viewers over a minute or two: twelve sessions a stream at most, and some cells for each minute.
  await expect.poll(async () => Math.max(...(await sizes())), { timeout: 10_000 }).toBeLessThan(16_384);
  for (const name of await logs()) expect(Number(await connection.send(name, ["TTL", name]))).toBeGreaterThan(3600);
  expect(await totals(store)).toEqual(expected(rounds.flat()));
}, 60_000);

it("packs the minutes of an hour that was summed up, and takes what comes late all the same", async () => {
  const { store, connection, logs, wait } = await openWorld();
  const rounds = makeRounds(30);
  for (const round of rounds.slice(0, 25)) await store.fold(round);
  const bytes = async () => {
    const minutes = (await logs()).filter((name) => name.includes(":log:minute:"));
    const sizes = minutes.map(async (name) => Number(await connection.send(name, ["STRLEN", name])));
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };
  const before = await bytes();
  wait(3 * 3_600_000);
  await store.rollUp();
  expect(await bytes()).toBeLessThan(before / 3);
  expect(await totals(store)).toEqual(expected(rounds.slice(0, 25).flat()));
  for (const round of rounds.slice(25)) await store.fold(round);
  expect(await totals(store)).toEqual(expected(rounds.flat()));
  await store.rollUp();
  expect(await totals(store)).toEqual(expected(rounds.flat()));
});
