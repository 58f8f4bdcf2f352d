import { expect, test } from "vitest";
import { LIMITS } from "../../../../tracker/protocol/index.ts";
import { startTracker } from "../support/tracker.ts";
import { digest } from "../support/values.ts";

const publish = (segment: string, names: string[], fields = {}) => ({
  t: "publish",
  segment,
  bytes: 100_000,
  from: 0,
  digests: names.map(digest),
  ...fields,
});

async function twoViewers() {
  const { connect } = await startTracker();
  const [first, second] = [await connect(), await connect()];
  await first.join();
  await second.join();
  return { first, second };
}

test("what one viewer vouches for, another is told, in the order asked", async () => {
  const { first, second } = await twoViewers();
  first.send(publish("s1", ["block 0"]));
  first.send(publish("s1", ["block 2"], { from: 2 }));
  await first.fence();
  second.send({ t: "ask", segments: ["s2", "s1"] });
  expect((await second.next("digests")).segments).toEqual([
    { verdict: "unknown", segment: "s2" },
    { verdict: "agreed", segment: "s1", bytes: 100_000, digests: [digest("block 0"), null, digest("block 2")] },
  ]);
});

test("two viewers who disagree make a conflict for everybody, and one who repeats itself does not", async () => {
  const { first, second } = await twoViewers();
  first.send(publish("s1", ["true"]));
  first.send(publish("s1", ["true"]));
  await first.fence();
  second.send({ t: "ask", segments: ["s1"] });
  expect((await second.next("digests")).segments[0]?.verdict).toBe("agreed");
  second.send(publish("s1", ["false"]));
  await second.fence();
  first.send({ t: "ask", segments: ["s1"] });
  expect((await first.next("digests")).segments).toEqual([{ verdict: "conflict", segment: "s1" }]);
});

test("digests of one stream are unknown in another", async () => {
  const { connect } = await startTracker();
  const [first, second] = [await connect(), await connect()];
  await first.join();
  await second.join({ stream: "another" as never });
  first.send(publish("s1", ["block"]));
  await first.fence();
  second.send({ t: "ask", segments: ["s1"] });
  expect((await second.next("digests")).segments[0]?.verdict).toBe("unknown");
});

test("an answer that is too large for one message comes in several", async () => {
  const { first, second } = await twoViewers();
  const sizes: number[] = [];
  second.socket.on("message", (data) => sizes.push(Buffer.byteLength(String(data))));
  const segments = Array.from({ length: LIMITS.askedSegments }, (_, index) => `large-${index}`);
  const blocks = Array.from({ length: LIMITS.blocksPerSegment }, (_, block) => `block ${block}`);
  for (const segment of segments) first.send(publish(segment, blocks));
  await first.fence();
  second.send({ t: "ask", segments });
  const heard: string[] = [];
  while (heard.length < segments.length) {
    for (const { segment, verdict } of (await second.next("digests")).segments) {
      expect(verdict).toBe("agreed");
      heard.push(segment);
    }
  }
  expect(heard).toEqual(segments);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(LIMITS.messageBytes);
});

test("digests beyond the last block are malformed", async () => {
  const { first } = await twoViewers();
  first.send(publish("s1", ["a", "b"], { from: LIMITS.blocksPerSegment - 1 }));
  expect(await first.next("error")).toMatchObject({ code: "malformed", message: expect.stringContaining("digests") });
  expect((await first.closed).code).toBe(4400);
});
