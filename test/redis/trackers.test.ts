import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { BACKOFF } from "../../player/transport/backoff.ts";
import { identityOf } from "../../tracker/protocol/index.ts";
import { openBalancer } from "../support/balancer.ts";
import { freePort, type Running, start } from "../support/process.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { connectClient } from "../unit/tracker/support/client.ts";
import { streamId } from "../unit/tracker/support/values.ts";
import { openPlayer, type Player } from "./player.ts";

/** What a busy machine may take to do what takes a moment. */
const SOON = { timeout: 30_000, interval: 100 };
const PATIENT = { timeout: 90_000 };

let redis: RedisServer;
let trackers: readonly [Running, Running, Running];
beforeAll(async () => {
  redis = await startRedis();
  const env = { REDIS_URL: redis.url };
  trackers = await Promise.all([start("tracker", env), start("tracker", env), start("tracker", env)]);
  return async () => {
    await Promise.all(trackers.map((tracker) => tracker.kill()));
    await redis.stop();
  };
}, 120_000);

const portOf = (tracker: Running): number => Number(new URL(tracker.url).port);

async function connect(tracker: Running) {
  const client = await connectClient(`${tracker.url.replace("http", "ws")}/v1/signal`);
  onTestFinished(() => client.socket.terminate());
  return client;
}
const health = async (tracker: Running) => {
  const response = await fetch(`${tracker.url}/readyz`);
  const { status } = (await response.json()) as { status: string };
  return [response.status, status];
};
const allReady = async () => {
  for (const tracker of trackers) await expect.poll(() => health(tracker), SOON).toEqual([200, "ready"]);
};
/** Whom a viewer that comes to a tracker now is introduced to. */
async function meets(tracker: Running, stream: string): Promise<readonly string[]> {
  const client = await connect(tracker);
  const { neighbours } = await client.join({ stream: streamId(stream) });
  await client.close();
  return neighbours.map(({ id }) => id);
}

test("viewers of three processes meet, and signal to each other", PATIENT, async () => {
  await allReady();
  const viewers = [];
  for (const tracker of trackers) {
    const client = await connect(tracker);
    viewers.push({ client, welcome: await client.join({ stream: streamId("three") }) });
  }
  const [first, , last] = viewers;
  if (!first || !last) throw new Error("three viewers have joined");
  expect(last.welcome.size).toBe(3);
  expect(new Set(viewers.map(({ welcome }) => welcome.id.slice(0, 4))).size).toBe(3);
  expect(new Set(last.welcome.neighbours.map(({ id }) => id))).toEqual(
    new Set(viewers.slice(0, 2).map(({ welcome }) => welcome.id)),
  );
  last.client.signal(first.welcome.id, "offer");
  expect(await first.client.nextSignal()).toEqual({ peer: last.welcome.id, payload: "offer" });
  first.client.signal(last.welcome.id, "answer");
  expect(await last.client.nextSignal()).toEqual({ peer: first.welcome.id, payload: "answer" });

  // A token that another process's viewer still uses is worth nothing here.
  const thief = await connect(trackers[1]);
  const stolen = await thief.join({ stream: streamId("three"), resume: first.welcome.resume });
  expect(identityOf(stolen.id)).not.toBe(identityOf(first.welcome.id));
  thief.signal(first.welcome.id, "still there?");
  expect((await first.client.nextSignal()).payload).toBe("still there?");

  const { headers } = await fetch(`${trackers[0].url}/metrics`);
  expect(headers.get("content-type")).toContain("text/plain");
  const metrics = await (await fetch(`${trackers[0].url}/metrics`)).text();
  expect(metrics).toMatch(/shoal_tracker_redis_seconds_count\{outcome="answered"\} [1-9]/);
  expect(metrics).toContain("shoal_nodejs_eventloop_lag_p99_seconds");
});

describe.each<[string, { begin: () => Promise<unknown>; end: () => Promise<unknown> }]>([
  [
    "stands still",
    {
      begin: async () => process.kill(await pidOfRedis(), "SIGSTOP"),
      end: async () => process.kill(stopped, "SIGCONT"),
    },
  ],
  ["takes nothing more", { begin: () => setMemory("1"), end: () => setMemory("0") }],
  ["is killed and comes back empty", { begin: () => redis.kill(), end: () => redis.restart() }],
])("a Redis that %s", (what, { begin, end }) => {
  test("viewers of one process meet and signal, and everybody meets when it is over", PATIENT, async () => {
    await allReady();
    const stream = streamId(what);
    const [tracker, elsewhere] = trackers;
    const early = await connect(tracker);
    const { id } = await early.join({ stream });
    await begin();
    const late = await connect(tracker);
    const joined = await late.join({ stream });
    expect(joined.neighbours.map((neighbour) => neighbour.id)).toContain(id);
    const began = performance.now();
    for (let count = 0; count < 20; count++) {
      late.signal(id, `${count}`);
      expect((await early.nextSignal()).payload).toBe(`${count}`);
    }
    // Twenty times what Redis is given to answer would be twenty seconds.
    expect(performance.now() - began).toBeLessThan(10_000);
    const far = await connect(elsewhere);
    const { id: farId } = await far.join({ stream });
    expect((await health(tracker))[0]).toBe(200);
    await end();
    await allReady();
    await expect.poll(() => meets(elsewhere, stream), SOON).toEqual(expect.arrayContaining([id, joined.id]));
    await expect.poll(() => meets(tracker, stream), SOON).toContain(farId);
    for (const viewer of [early, late, far]) await viewer.fence();
  });
});

let stopped = 0;
async function pidOfRedis(): Promise<number> {
  stopped = Number(/process_id:(\d+)/.exec(String(await redis.command("INFO", "server")))?.[1]);
  return stopped;
}
const setMemory = (bytes: string) => redis.command("CONFIG", "SET", "maxmemory", bytes);

const PLAYERS = 40;
const everybodyIsUp = (players: readonly Player[], times: number) =>
  expect
    .poll(
      () => players.filter(({ welcomes, states }) => welcomes.length === times && states.at(-1) === "up").length,
      SOON,
    )
    .toBe(players.length);

test(
  "a process that drains, and one that is killed, each cost their viewers one reconnect, and leave no ghosts",
  PATIENT,
  async () => {
    await allReady();
    const balancer = await openBalancer(trackers.map(portOf));
    const players = Array.from({ length: PLAYERS }, (_, index) => openPlayer(balancer.port, `player${index}`));
    await everybodyIsUp(players, 1);
    const identities = players.map(({ welcomes }) => welcomes[0] && identityOf(welcomes[0].id));
    const on = (tracker: string | undefined) =>
      players.filter(({ welcomes }) => welcomes.at(-1)?.id.slice(0, 4) === tracker);
    const [, draining, dying] = trackers;
    const nameOf = async (tracker: Running) => {
      const client = await connect(tracker);
      return (await client.join({ stream: streamId("name") })).id.slice(0, 4);
    };
    const [drainingName, dyingName] = [await nameOf(draining), await nameOf(dying)];

    const sentAway = on(drainingName);
    expect(sentAway.length).toBeGreaterThan(0);
    expect(await draining.stop()).toBe(0);
    await everybodyIsUp(sentAway, 2);
    for (const { states } of sentAway) expect(states).toEqual(["up", "down draining", "up"]);

    const orphaned = on(dyingName);
    const before = orphaned.map(({ welcomes }) => welcomes.length);
    expect(orphaned.length).toBeGreaterThan(0);
    await dying.kill();
    await expect
      .poll(() => orphaned.every(({ welcomes }, index) => welcomes.length === (before[index] ?? 0) + 1), SOON)
      .toBe(true);
    for (const player of players) expect(player.states.at(-1)).toBe("up");
    // All are who they were, on the process that is left, and nobody is counted twice.
    expect(players.map(({ welcomes }) => identityOf(welcomes.at(-1)?.id ?? ("" as never)))).toEqual(identities);
    expect(new Set(players.map(({ welcomes }) => welcomes.at(-1)?.id.slice(0, 4))).size).toBe(1);
    expect(balancer.taken()).toBe(PLAYERS + sentAway.length + orphaned.length);
    const last = await connect(trackers[0]);
    expect((await last.join({ stream: streamId("players") })).size).toBe(PLAYERS + 1);
    // Nobody could have come back in the same moment as all others.
    const waits = orphaned.map(({ changedAt }) => (changedAt.at(-1) ?? 0) - (changedAt.at(-2) ?? 0));
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(BACKOFF.spreadMs / 4);
  },
);

test("a Redis that is not there at the start keeps nobody waiting", PATIENT, async () => {
  const alone = await start("tracker", { REDIS_URL: `redis://127.0.0.1:${await freePort()}`, LOG_LEVEL: "warn" });
  onTestFinished(() => alone.kill());
  expect(await health(alone)).toEqual([200, "degraded"]);
  const [first, second] = [await connect(alone), await connect(alone)];
  const { id } = await first.join();
  expect((await second.join()).neighbours.map((neighbour) => neighbour.id)).toEqual([id]);
  expect(alone.output()).toContain("trouble with Redis");
  expect(await alone.stop()).toBe(0);
});
