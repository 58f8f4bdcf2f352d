import { expect, test } from "vitest";
import { createMemoryStore, type SwarmStore } from "../../../../tracker/index.ts";
import type { PeerId } from "../../../../tracker/protocol/index.ts";
import type { Member } from "../../../../tracker/swarm/index.ts";
import { startTracker } from "../support/tracker.ts";
import { digest, member, streamId } from "../support/values.ts";

type State = "up" | "down" | "slow";

/** A store that several trackers share, as one of them sees it: across a network that fails when the test says so. */
function across(shared: SwarmStore) {
  let state: State = "up";
  const held: (() => void)[] = [];
  const reach = async <T>(call: () => Promise<T>): Promise<T> => {
    if (state === "slow") await new Promise<void>((resolve) => held.push(resolve));
    if (state === "down") throw new Error("the network is down");
    return call();
  };
  const store: SwarmStore = {
    kind: "shared",
    attach: (...args) => reach(() => shared.attach(...args)),
    detach: (...args) => reach(() => shared.detach(...args)),
    isAttached: (...args) => reach(() => shared.isAttached(...args)),
    join: (...args) => reach(() => shared.join(...args)),
    leave: (...args) => reach(() => shared.leave(...args)),
    candidates: (...args) => reach(() => shared.candidates(...args)),
    size: (...args) => reach(() => shared.size(...args)),
    lookup: (...args) => reach(() => shared.lookup(...args)),
    renew: (...args) => reach(() => shared.renew(...args)),
    post: (...args) => reach(() => shared.post(...args)),
    publish: (...args) => reach(() => shared.publish(...args)),
    digests: (...args) => reach(() => shared.digests(...args)),
    isAlone: shared.isAlone,
    ready: async () => (state === "up" ? "ready" : { reason: "the network is down" }),
    close: async () => undefined,
  };
  const become = (next: State): void => {
    state = next;
    for (const release of held.splice(0)) release();
  };
  return { store, become };
}

const CONFIG = { swarmSecret: "shared by both trackers" };
const TIMINGS = { renewMs: 30, retryMs: 20 };

async function twoTrackers(state: State = "up") {
  const shared = createMemoryStore();
  const networks = [across(shared), across(shared)] as const;
  for (const network of networks) network.become(state);
  const trackers = await Promise.all(
    networks.map(({ store }) => startTracker({ store, config: CONFIG, timings: TIMINGS })),
  );
  const [one, two] = trackers;
  if (!one || !two) throw new Error("two trackers were started");
  const become = (next: State): void => {
    for (const network of networks) network.become(next);
  };
  if (state === "up") {
    for (const { tracker } of [one, two]) await expect.poll(() => tracker.ready()).toBe("ready");
  }
  return { one, two, become, shared };
}

test.each(["down from the start", "down later"])(
  "a store that is %s: viewers of one tracker meet and signal all the same",
  async (when) => {
    const { one, become } = await twoTrackers(when === "down later" ? "up" : "down");
    const first = await one.connect();
    if (when === "down later") {
      await first.join();
      become("down");
    } else await first.join();
    expect(await one.tracker.ready()).toEqual({ degraded: "the network is down" });
    const second = await one.connect();
    const { id, neighbours } = await second.join();
    const [neighbour] = neighbours;
    if (!neighbour) throw new Error("the two did not meet");
    second.signal(neighbour.id, "offer");
    expect(await first.nextSignal()).toEqual({ peer: id, payload: "offer" });
    first.send({ t: "more", reason: "alone", have: 0 });
    expect((await first.next("neighbours")).size).toBeGreaterThanOrEqual(1);

    first.send({ t: "publish", segment: "s1", bytes: 9, from: 0, digests: [digest("d")] });
    await first.fence();
    second.send({ t: "ask", segments: ["s1"] });
    expect(await second.next("digests")).toEqual({
      t: "digests",
      segments: [{ verdict: "agreed", segment: "s1", bytes: 9, digests: [digest("d")] }],
      alone: true,
    });
    expect(await one.metric("store_errors_total", { operation: "join" })).toBeGreaterThan(0);
  },
);

test("those who joined while the store was away are known everywhere soon after it is back", async () => {
  const { one, two, become, shared } = await twoTrackers("down");
  const [first, second] = [await one.connect(), await two.connect()];
  const [a, b] = [await first.join(), await second.join()];
  expect(b.neighbours).toEqual([]);
  become("up");
  for (const { tracker } of [one, two]) await expect.poll(() => tracker.ready()).toBe("ready");
  await expect.poll(async () => (await (await two.connect()).join()).neighbours.map(({ id }) => id)).toContain(a.id);
  // The leases of the swarm's first two viewers have long been renewed: what the store lost it has again.
  await expect.poll(async () => (await (await one.connect()).join()).neighbours.map(({ id }) => id)).toContain(b.id);
  await second.close();
  await shared.close();
});

test("verdicts say that the tracker is alone for as long as it is", async () => {
  const { one, become } = await twoTrackers();
  const viewer = await one.connect();
  await viewer.join();
  const isAlone = async () => {
    viewer.send({ t: "ask", segments: ["s1"] });
    return (await viewer.next("digests")).alone;
  };
  expect(await isAlone()).toBeUndefined();
  become("down");
  expect(await isAlone()).toBe(true);
  become("up");
  expect(await isAlone()).toBeUndefined();
});

test("a signal that the store does not take is not the neighbour's end: the next one arrives", async () => {
  const { one, two, become } = await twoTrackers();
  const [first, second] = [await one.connect(), await two.connect()];
  const a = await first.join();
  await second.join();
  become("down");
  second.signal(a.id, "lost");
  expect(await second.next("error")).toMatchObject({ code: "internal", peer: a.id });
  become("up");
  second.signal(a.id, "heard");
  expect((await first.nextSignal()).payload).toBe("heard");
});

test("while the store keeps a viewer's question waiting, its signals to others of the same tracker pass", async () => {
  const { one, become } = await twoTrackers();
  const [first, second] = [await one.connect(), await one.connect()];
  const a = await first.join();
  await second.join();
  become("slow");
  second.send({ t: "ask", segments: ["s1"] });
  second.signal(a.id, "at once");
  expect((await first.nextSignal()).payload).toBe("at once");
  expect(second.waiting.filter((message) => "t" in message && message.t === "digests")).toEqual([]);
  become("up");
  await second.next("digests");
});

test("a store that fails for one swarm is no trouble for the others", async () => {
  let now = 0;
  const shared = createMemoryStore({ clock: () => now, leaseMs: 1000 });
  const { store } = across(shared);
  const swarms: string[] = [];
  const picky: SwarmStore = {
    ...store,
    join: (swarm, member) => {
      if (!swarms.includes(swarm)) swarms.push(swarm);
      return store.join(swarm, member);
    },
    renew: (swarm, peers) =>
      swarm === swarms[0] ? Promise.reject(new Error("its node is down")) : store.renew(swarm, peers),
  };
  const { connect } = await startTracker({ store: picky, config: CONFIG, timings: TIMINGS });
  for (const stream of ["bad", "good"]) await (await connect()).join({ stream: streamId(stream) });
  now += 2000;
  const [bad, good] = swarms as Parameters<SwarmStore["size"]>[0][];
  if (!bad || !good) throw new Error("two swarms were joined");
  await expect.poll(() => shared.size(good)).toBe(1);
  expect(await shared.size(bad)).toBe(0);
});

test("members that a dead tracker left behind take no living neighbour's place", async () => {
  const shared = createMemoryStore();
  const swarms = new Set<Parameters<SwarmStore["join"]>[0]>();
  const places: Member["locality"][] = [];
  const store: SwarmStore = {
    ...shared,
    join: (swarm, joining) => {
      swarms.add(swarm);
      places.push(joining.locality);
      return shared.join(swarm, joining);
    },
  };
  const { connect } = await startTracker({ store, config: CONFIG });
  const living: PeerId[] = [];
  for (let viewer = 0; viewer < 3; viewer++) living.push((await (await connect()).join()).id);
  for (const swarm of swarms) {
    const locality = places[0];
    if (!locality) throw new Error("somebody has joined");
    for (let ghost = 0; ghost < 12; ghost++) await shared.join(swarm, member(`ghost${ghost}`, { locality }, "dead"));
  }
  const { neighbours } = await (await connect()).join();
  expect(neighbours.map(({ id }) => id).sort()).toEqual(living.sort());
});
