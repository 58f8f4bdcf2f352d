import { expect, test } from "vitest";
import { createMemoryStore, type SwarmStore } from "../../../../tracker/index.ts";
import { identityOf } from "../../../../tracker/protocol/index.ts";
import { INTRODUCTION_LIMIT } from "../../../../tracker/swarm/index.ts";
import { startTracker } from "../support/tracker.ts";
import { member, peerId, streamId } from "../support/values.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const CONFIG = { swarmSecret: "shared by both trackers" };

/** Two trackers on one store, whose swarm the test can look at. */
async function twoTrackers(change: Partial<SwarmStore> = {}) {
  let wall = 1_700_000_000_000;
  const shared = createMemoryStore();
  const swarms = new Set<Parameters<SwarmStore["join"]>[0]>();
  const store: SwarmStore = {
    ...shared,
    join: (swarm, joining) => shared.join(swarms.add(swarm) && swarm, joining),
    ...change,
  };
  const options = { store, config: CONFIG, wallClock: () => wall };
  const [one, two] = [await startTracker(options), await startTracker(options)];
  const [first] = [await one.connect()];
  const { id, resume } = await first.join();
  const [swarm] = swarms;
  if (swarm === undefined || resume === undefined) throw new Error("the viewer was not welcomed");
  return {
    one,
    two,
    first,
    id,
    resume,
    size: () => shared.size(swarm),
    ghost: (name: string, node: string) => shared.join(swarm, member(name, {}, node)),
    rejoinAs: (joined: Parameters<SwarmStore["join"]>[1]) => shared.join(swarm, joined),
    passTime: (ms: number) => {
      wall += ms;
    },
  };
}

test("who comes back to the same tracker has the same id, to another one the same identity under its name", async () => {
  const { one, two, first, id, resume, size } = await twoTrackers();
  await first.close();
  await expect.poll(size).toBe(0);
  const again = await one.connect();
  const back = await again.join({ resume });
  expect(back.id).toBe(id);
  await again.close();
  await expect.poll(size).toBe(0);
  const moved = await (await two.connect()).join({ resume: back.resume });
  expect(identityOf(moved.id)).toBe(identityOf(id));
  expect(moved.id).not.toBe(id);
  expect(moved.size).toBe(1);
});

test("a token shown while its viewer is connected gives a stranger's id, and the viewer stays what it is", async () => {
  const { one, two, first, id, resume } = await twoTrackers();
  for (const tracker of [one, two]) {
    const thief = await tracker.connect();
    const { id: given, neighbours } = await thief.join({ resume });
    expect(identityOf(given)).not.toBe(identityOf(id));
    expect(neighbours.map((neighbour) => neighbour.id)).toContain(id);
    thief.signal(id, "hello");
    expect(await first.nextSignal()).toEqual({ peer: given, payload: "hello" });
  }
});

test("two who show one token at the same tracker are two viewers", async () => {
  const { two, first, id, resume, size } = await twoTrackers();
  await first.close();
  await expect.poll(size).toBe(0);
  const ids = await Promise.all([1, 2].map(async () => (await (await two.connect()).join({ resume })).id));
  expect(new Set(ids).size).toBe(2);
  expect(ids.filter((given) => identityOf(given) === identityOf(id))).toHaveLength(1);
});

test.each<[string, (token: string) => string]>([
  ["forged for another id", (token) => `${token.startsWith("a") ? "b" : "a"}${token.slice(1)}`],
  ["with a later expiry", (token) => token.replace(/\.\w/, (begin) => (begin === ".z" ? ".y" : ".z"))],
  ["cut short", (token) => token.slice(0, -1)],
  ["that is none", () => "..."],
])("a token %s is worth nothing", async (_, forge) => {
  const { one, first, id, resume, size } = await twoTrackers();
  await first.close();
  await expect.poll(size).toBe(0);
  expect(identityOf((await (await one.connect()).join({ resume: forge(resume) })).id)).not.toBe(identityOf(id));
});

test("a token is good in its own swarm, for a day", async () => {
  const { one, first, id, resume, size, passTime } = await twoTrackers();
  await first.close();
  await expect.poll(size).toBe(0);
  const identityIn = async (stream: string) =>
    identityOf((await (await one.connect()).join({ resume, stream: streamId(stream) })).id);
  expect(await identityIn("another")).not.toBe(identityOf(id));
  passTime(DAY_MS);
  expect(await identityIn("stream")).not.toBe(identityOf(id));
  // Clocks that were set back make it good again; nothing else notices.
  passTime(-DAY_MS);
  expect(await identityIn("stream")).toBe(identityOf(id));
});

test("what a tracker that died left of a viewer goes when the viewer comes back", async () => {
  const { two, first, id, resume, size, rejoinAs } = await twoTrackers({ isAttached: async () => false });
  await first.close();
  await expect.poll(size).toBe(0);
  await rejoinAs({ ...member("ghost"), id });
  const back = await (await two.connect()).join({ resume });
  expect(identityOf(back.id)).toBe(identityOf(id));
  expect(back).toMatchObject({ size: 1, neighbours: [] });
});

test("when the store cannot tell who is connected, the viewer is a newcomer", async () => {
  const { two, first, id, resume } = await twoTrackers({ lookup: () => Promise.reject(new Error("down")) });
  await first.close();
  expect(identityOf((await (await two.connect()).join({ resume })).id)).not.toBe(identityOf(id));
});

test("who has neighbours already is told of as many more as it lacks", async () => {
  const { one } = await twoTrackers();
  for (let viewer = 0; viewer < 9; viewer++) await (await one.connect()).join();
  expect((await (await one.connect()).join({ have: 5 })).neighbours).toHaveLength(3);
  expect((await (await one.connect()).join({ have: 20 })).neighbours).toEqual([]);
});

/** `first` of one tracker and a neighbour of it, which stays; `first` comes back to either tracker. */
async function withNeighbour(change: Partial<SwarmStore> = {}) {
  const parts = await twoTrackers(change);
  const { one, first, id } = parts;
  const neighbour = await one.connect();
  const { id: neighbourId } = await neighbour.join();
  expect((await first.next("introduced")).neighbour.id).toBe(neighbourId);
  await first.close();
  await expect.poll(parts.size).toBe(1);
  const comeBack = async (to: "one" | "two") => {
    const client = await parts[to].connect();
    const welcome = await client.join({ resume: parts.resume, have: 60 });
    // It has all the neighbours that it wants, so that nobody was introduced anew.
    expect(welcome.neighbours).toEqual([]);
    expect(identityOf(welcome.id)).toBe(identityOf(id));
    return { client, id: welcome.id };
  };
  return { ...parts, neighbour, neighbourId, comeBack };
}

test.each(["one", "two"] as const)(
  "who comes back to tracker %s signals to those who knew it, and they answer to either of its ids",
  async (where) => {
    const { id, neighbour, neighbourId, comeBack } = await withNeighbour();
    const back = await comeBack(where);
    back.client.signal(neighbourId, "restart");
    back.client.signal(neighbourId, "candidate");
    expect(await neighbour.nextSignal()).toEqual({ peer: back.id, payload: "restart" });
    expect((await neighbour.nextSignal()).payload).toBe("candidate");
    for (const address of [id, back.id]) {
      neighbour.signal(address, `to ${address}`);
      expect(await back.client.nextSignal()).toEqual({ peer: neighbourId, payload: `to ${address}` });
    }
  },
);

test.each(["one", "two"] as const)(
  "a neighbour that called while it was away knows who is back on tracker %s",
  async (where) => {
    const { id, neighbour, neighbourId, comeBack } = await withNeighbour();
    neighbour.signal(id, "are you there?");
    expect(await neighbour.next("error")).toMatchObject({ code: "peer-gone", peer: id });
    const back = await comeBack(where);
    back.client.signal(neighbourId, "restart");
    expect(await neighbour.nextSignal()).toEqual({ peer: back.id, payload: "restart" });
    neighbour.signal(id, "answer");
    expect((await back.client.nextSignal()).payload).toBe("answer");
  },
);

test.each(["one", "two"] as const)("coming back to tracker %s opens no way to strangers", async (where) => {
  const { one, neighbour, comeBack } = await withNeighbour();
  const stranger = await one.connect();
  // Neither is introduced to the other: the stranger wants nobody, and who comes back wants nobody either.
  const { id: strangerId } = await stranger.join({ have: 60 });
  const back = await comeBack(where);
  for (let tries = 0; tries < 2; tries++) {
    back.client.signal(strangerId, "hello");
    expect(await back.client.next("error")).toMatchObject({ code: "peer-gone", peer: strangerId });
  }
  stranger.signal(back.id, "hello");
  expect(await stranger.next("error")).toMatchObject({ code: "not-introduced", peer: back.id });
  await stranger.fence();
  await neighbour.fence();
  expect([...stranger.waiting, ...neighbour.waiting].filter((message) => "payload" in message)).toEqual([]);
});

test("who comes back tries out only so many ids", async () => {
  const { comeBack } = await withNeighbour();
  const { client, id } = await comeBack("two");
  const answers: string[] = [];
  for (let tries = 0; tries <= INTRODUCTION_LIMIT.burst; tries++) {
    client.signal(peerId(`guess${tries}`, id.slice(0, 4)), "hello");
    answers.push((await client.next("error")).code);
  }
  expect(new Set(answers.slice(0, -1))).toEqual(new Set(["peer-gone"]));
  expect(answers.at(-1)).toBe("not-introduced");
});
