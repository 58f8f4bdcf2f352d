import { expect, test } from "vitest";
import { MOST_ASYMMETRIC } from "../../../../tracker/swarm/index.ts";
import { startTracker } from "../support/tracker.ts";

const RELAYED = { upload: "share", reach: "relayed" } as const;

test("who is only reached through TURN comes after all who are reached straight, but gives as others do", async () => {
  const { connect } = await startTracker({ env: { NEIGHBOURS: "2" } });
  const behindTurn = await (await connect()).join(RELAYED);
  const [a, b] = [await connect(), await connect()];
  const straight = new Set([(await a.join()).id, (await b.join()).id]);
  for (const fields of [{ upload: "share" }, { upload: "receive" }, RELAYED] as const) {
    const newcomer = await connect();
    const { neighbours } = await newcomer.join(fields);
    expect(new Set(neighbours.map(({ id }) => id))).toEqual(straight);
    await newcomer.close();
  }
  await Promise.all([a.close(), b.close()]);
  const { neighbours } = await (await connect()).join({ upload: "receive" });
  expect(neighbours).toEqual([{ id: behindTurn.id, near: "lan", upload: "share" }]);
});

test("who changes what it gives is introduced as it is now", async () => {
  const { connect, metric } = await startTracker();
  const first = await connect();
  const { id } = await first.join();
  const counted = async () => [
    await metric("viewers", { gives: "share" }),
    await metric("viewers", { gives: "receive" }),
  ];
  const meet = async () => {
    const other = await connect();
    const { neighbours } = await other.join({ upload: "receive" });
    await other.close();
    return neighbours.map((neighbour) => neighbour.id);
  };
  expect(await meet()).toEqual([id]);
  expect(await counted()).toEqual([1, 0]);
  first.send({ t: "standing", upload: "receive" });
  await first.fence();
  expect(await counted()).toEqual([0, 1]);
  expect(await meet()).toEqual([]);
  first.send({ t: "standing", upload: "share" });
  await first.fence();
  expect(await meet()).toEqual([id]);
});

test("nobody who shares has more than half its places taken by others who do not simply share", async () => {
  const { connect } = await startTracker({ env: { NEIGHBOURS: "2" } });
  const sharer = await (await connect()).join();
  const another = async () => {
    const client = await connect();
    const { neighbours } = await client.join(RELAYED);
    return { client, meetsSharer: neighbours.some(({ id }) => id === sharer.id) };
  };
  const first = await another();
  const met = [first.meetsSharer];
  while (met.length <= MOST_ASYMMETRIC) met.push((await another()).meetsSharer);
  expect(met).toEqual([...Array(MOST_ASYMMETRIC).fill(true), false]);
  // One of them turns out to be reached straight, which leaves a place for another.
  first.client.send({ t: "standing", upload: "share", reach: "direct" });
  await first.client.fence();
  expect((await another()).meetsSharer).toBe(true);
});

test("a standing before the join, or with a reach that is none, ends the socket", async () => {
  const { connect } = await startTracker();
  const [early, wrong] = [await connect(), await connect()];
  early.send({ t: "standing", upload: "share" });
  expect((await early.next("error")).code).toBe("not-joined");
  await wrong.join();
  wrong.send({ t: "standing", upload: "share", reach: "moon" });
  expect((await wrong.next("error")).code).toBe("malformed");
});
