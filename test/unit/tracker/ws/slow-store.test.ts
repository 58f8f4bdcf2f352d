import { expect, test } from "vitest";
import { createMemoryStore, type SwarmStore } from "../../../../tracker/index.ts";
import { INBOX_MESSAGES } from "../../../../tracker/ws/timings.ts";
import { startTracker } from "../support/tracker.ts";
import { sessionId } from "../support/values.ts";

const join = { t: "join", v: 1, stream: "stream", session: sessionId("session"), upload: "share", player: "test" };

function signalled(): { readonly promise: Promise<void>; readonly fire: () => void } {
  let fire = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { promise, fire: () => fire() };
}

/** A store that takes its first member at once but says so only when the test lets it, as one across a network might. */
function heldStore() {
  const plain = createMemoryStore();
  const inside = signalled();
  const gate = signalled();
  const swarms: Parameters<SwarmStore["join"]>[0][] = [];
  const store: SwarmStore = {
    ...plain,
    async join(swarm, member) {
      const result = await plain.join(swarm, member);
      if (swarms.push(swarm) > 1) return result;
      inside.fire();
      await gate.promise;
      // Its join may also take effect only now, after anything that was done meanwhile.
      await plain.join(swarm, member);
      return result;
    },
  };
  return { plain, store, swarms, inside: inside.promise, release: gate.fire };
}

test("what others send to a viewer that is joining comes after its welcome, and nothing is lost", async () => {
  const { store, inside, release } = heldStore();
  const { connect } = await startTracker({ store });
  const [slow, quick] = [await connect(), await connect()];
  const order: string[] = [];
  slow.socket.on("message", (data) => order.push(/"t":"(\w+)"/.exec(String(data))?.[1] ?? "signal"));
  slow.send(join);
  await inside;
  const [neighbour] = (await quick.join()).neighbours;
  if (!neighbour) throw new Error("the viewer that is joining was not introduced");
  quick.signal(neighbour.id, "offer");
  await quick.fence();
  release();
  expect((await slow.next("welcome")).id).toBe(neighbour.id);
  expect((await slow.nextSignal()).payload).toBe("offer");
  expect(order.slice(0, 3)).toEqual(["welcome", "introduced", "signal"]);
});

test("who leaves while the store is still taking it in leaves no ghost", async () => {
  const { plain, store, swarms, inside, release } = heldStore();
  const { connect, metric } = await startTracker({ store });
  const hasty = await connect();
  hasty.send(join);
  await inside;
  hasty.socket.terminate();
  await expect.poll(() => metric("sockets")).toBe(0);
  release();
  const [swarm] = swarms;
  if (!swarm) throw new Error("nobody joined");
  // Everything that the late answer sets off happens in promises: a few turns of the loop are enough.
  for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
  expect(await plain.size(swarm)).toBe(0);
  expect(await metric("joins_total")).toBe(0);
});

test("while the store is slow a talkative viewer waits, and every message is handled afterwards", async () => {
  const { store, inside, release } = heldStore();
  const { connect } = await startTracker({ store });
  const client = await connect();
  const asked = Array.from({ length: INBOX_MESSAGES * 3 }, (_, index) => `segment-${index}`);
  client.send(join);
  for (const segment of asked) client.send({ t: "ask", segments: [segment] });
  await inside;
  release();
  const answered: (string | undefined)[] = [];
  while (answered.length < asked.length) answered.push((await client.next("digests")).segments[0]?.segment);
  expect(answered).toEqual(asked);
});
