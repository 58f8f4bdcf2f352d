import { expect, test } from "vitest";
import { INTRODUCTION_LIMIT, REINTRODUCE_MS } from "../../../../tracker/swarm/index.ts";
import { startTracker } from "../support/tracker.ts";

const more = { t: "more", reason: "alone", have: 0 };

test("more gives strangers, and both sides hear of it", async () => {
  const { connect } = await startTracker();
  const first = await connect();
  const a = await first.join();
  const second = await connect();
  const b = await second.join();
  await first.next("introduced");
  const third = await connect();
  const c = await third.join();
  first.send(more);
  // The newcomer was introduced to everybody already, and everybody is known for less than a moment.
  expect(await first.next("neighbours")).toEqual({ t: "neighbours", size: 3, neighbours: [] });
  expect(c.neighbours.map(({ id }) => id).sort()).toEqual([a.id, b.id].sort());
});

test("acquaintances are named again after a while, and signals pass again", async () => {
  let now = 1_700_000_000_000;
  const { connect } = await startTracker({ clock: () => now });
  const [first, second] = [await connect(), await connect()];
  const a = await first.join();
  const b = await second.join();
  await first.next("introduced");
  now += REINTRODUCE_MS;
  first.send(more);
  expect((await first.next("neighbours")).neighbours).toEqual([{ id: b.id, near: "lan", upload: "share" }]);
  expect((await second.next("introduced")).neighbour.id).toBe(a.id);
});

test("a viewer with enough neighbours gets two more, not eight", async () => {
  const { connect } = await startTracker({ env: { NEIGHBOURS: "4" } });
  for (let viewer = 0; viewer < 10; viewer++) await (await connect()).join();
  const last = await connect();
  const { neighbours } = await last.join();
  last.send({ t: "more", reason: "slow", have: 4 });
  const { neighbours: extra } = await last.next("neighbours");
  expect(extra).toHaveLength(2);
  const known = new Set(neighbours.map(({ id }) => id));
  expect(extra.filter(({ id }) => known.has(id))).toEqual([]);
});

test("a viewer that asks on and on meets no more strangers than its budget, and is told so", async () => {
  const { connect } = await startTracker({ env: { NEIGHBOURS: "4" }, clock: () => 1_700_000_000_000 });
  for (let viewer = 0; viewer < INTRODUCTION_LIMIT.burst + 10; viewer++) await (await connect()).join();
  const greedy = await connect();
  const met = new Set((await greedy.join()).neighbours.map(({ id }) => id));
  for (let tries = 0; tries < 32; tries++) {
    greedy.send(more);
    for (const { id } of (await greedy.next("neighbours")).neighbours) met.add(id);
  }
  expect(met.size).toBe(INTRODUCTION_LIMIT.burst);
  expect((await greedy.next("error")).code).toBe("rate-limited");
});

test("a machine that joins again and again meets a bounded number of strangers elsewhere, but all of its own network", async () => {
  const { connect } = await startTracker({
    env: { TRUST_PROXY: "1" },
    clock: () => 1_700_000_000_000,
  });
  for (let viewer = 0; viewer < 8; viewer++) {
    await (await connect({ "x-forwarded-for": `198.51.${viewer}.1` })).join();
  }
  const collector = { "x-forwarded-for": "203.0.113.9" };
  const colleague = await (await connect(collector)).join();
  let elsewhere = colleague.neighbours.length;
  for (let visit = 0; visit < 300; visit++) {
    const client = await connect(collector);
    const { neighbours } = await client.join();
    expect(neighbours[0]).toEqual({ id: colleague.id, near: "lan", upload: "share" });
    elsewhere += neighbours.length - 1;
    await client.close();
  }
  // The colleague was met 300 times, which cost the address nothing.
  expect(elsewhere).toBe(2048);
  const last = await connect(collector);
  expect((await last.join()).neighbours).toEqual([{ id: colleague.id, near: "lan", upload: "share" }]);
  expect((await last.next("error")).code).toBe("rate-limited");
});

test("locality comes from the forwarded address and the operator's database", async () => {
  const places: Record<string, { as: number; country: string }> = {
    "198.51.100.1": { as: 1, country: "DE" },
    "192.0.2.1": { as: 1, country: "FR" },
    "203.0.113.1": { as: 2, country: "DE" },
    "100.64.0.1": { as: 3, country: "JP" },
  };
  const { connect } = await startTracker({ env: { TRUST_PROXY: "1" }, locate: (address) => places[address] ?? {} });
  const from = async (address: string) => (await connect({ "x-forwarded-for": `spoofed, ${address}` })).join();
  const names = new Map<string, string>();
  for (const address of ["100.64.0.1", "203.0.113.1", "192.0.2.1", "198.51.100.7", "198.51.100.1"]) {
    names.set((await from(address)).id, address);
  }
  const { neighbours } = await from("198.51.100.1");
  expect(neighbours.map(({ id, near }) => [names.get(id), near])).toEqual([
    ["198.51.100.1", "lan"],
    ["198.51.100.7", "network"],
    ["192.0.2.1", "as"],
    ["203.0.113.1", "country"],
    ["100.64.0.1", "far"],
  ]);
});
