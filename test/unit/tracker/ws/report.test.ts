import { expect, test } from "vitest";
import { viewerMarkOf } from "../../../../tracker/access/keyed-hash.ts";
import type { SampleBatch } from "../../../../worker/protocol/index.ts";
import { startTracker } from "../support/tracker.ts";
import { NOWHERE, sample, sessionId, streamId } from "../support/values.ts";

/** A sink that answers when the test says so. */
function heldSink() {
  const batches: SampleBatch[] = [];
  const answers: { accept: () => void; reject: (error: Error) => void }[] = [];
  let arrived = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const accept = (batch: SampleBatch): Promise<void> =>
    new Promise((resolve, reject) => {
      batches.push(batch);
      answers.push({ accept: resolve, reject });
      arrived();
    });
  return { sink: { accept }, batches, answers, first };
}

test("samples are answered for once the sink has them, and not before", async () => {
  const { sink, batches, answers, first } = heldSink();
  const { connect, metric } = await startTracker({ samples: sink, env: { SITE: "shop" } });
  const client = await connect();
  await client.join();
  const sent = [sample({ seq: 3 }), sample({ seq: 4 })];
  client.send({ t: "report", samples: sent });
  await first;
  await client.fence();
  expect(client.waiting.filter((message) => "t" in message && message.t === "reported")).toEqual([]);
  answers[0]?.accept();
  expect((await client.next("reported")).seqs).toEqual([3, 4]);
  expect(batches[0]?.samples).toEqual(
    sent.map((one) => ({ site: "shop", receivedAt: expect.any(Number), ...NOWHERE, sample: one })),
  );
  expect(await metric("samples_total", { result: "accepted" })).toBe(2);
});

test("a sink that fails means no answer, so that the viewer sends again", async () => {
  const { sink, answers, first } = heldSink();
  const { connect, metric } = await startTracker({ samples: sink });
  const client = await connect();
  await client.join();
  client.send({ t: "report", samples: [sample()] });
  await first;
  answers[0]?.reject(new Error("queue is down"));
  await client.fence();
  expect(client.waiting).toEqual([]);
  expect(await metric("samples_total", { result: "failed" })).toBe(1);
});

test("a bad sample is named and not asked for again; the good one beside it is kept", async () => {
  const { connect, kept } = await startTracker();
  const client = await connect();
  await client.join();
  client.send({ t: "report", samples: [{ ...sample({ seq: 7 }), played: -1 }, sample({ seq: 8 })] });
  const error = await client.next("error");
  expect(error.code).toBe("refused-sample");
  expect(error.message).toMatch(/^sample 7: played: /);
  expect((await client.next("reported")).seqs).toEqual([7]);
  expect((await client.next("reported")).seqs).toEqual([8]);
  expect(kept.map(({ sample: { seq } }) => seq)).toEqual([8]);
});

test.each([
  ["another stream", { stream: streamId("another") }, "stream"],
  ["another session", { session: sessionId("another") }, "session"],
  ["two days ago", { at: Date.now() - 2 * 86_400_000 }, "at "],
])("a sample of %s is refused", async (_, fields, named) => {
  const { connect, kept } = await startTracker();
  const client = await connect();
  await client.join();
  client.send({ t: "report", samples: [sample({ seq: 5, ...fields })] });
  expect((await client.next("error")).message).toContain(named);
  expect((await client.next("reported")).seqs).toEqual([5]);
  await client.fence();
  expect(kept).toEqual([]);
});

test("what is no sample at all is refused without a number", async () => {
  const { connect } = await startTracker();
  const client = await connect();
  await client.join();
  client.send({ t: "report", samples: ["rubbish"] });
  expect(await client.next("error")).toMatchObject({ code: "refused-sample" });
  await client.fence();
  expect(client.waiting).toEqual([]);
});

test("a viewer that keeps a name has one mark, by socket, beacon and at its next visit, and never the name itself", async () => {
  const { connect, http, kept } = await startTracker();
  const viewer = "N".repeat(22);
  for (const visit of ["one", "two"]) {
    const client = await connect();
    await client.join({ session: sessionId(visit), viewer });
    client.send({ t: "report", samples: [sample({ session: sessionId(visit) })] });
    await client.next("reported");
  }
  const session = sessionId("three");
  const body = { stream: streamId("stream"), session, viewer, samples: [sample({ session })] };
  await fetch(`${http}/v1/report`, { method: "POST", body: JSON.stringify(body) });
  const other = await connect();
  await other.join({ session: sessionId("four"), viewer: "M".repeat(22) });
  other.send({ t: "report", samples: [sample({ session: sessionId("four") })] });
  await other.next("reported");
  const marks = kept.map((received) => received.viewer);
  expect(marks).toEqual([marks[0], marks[0], marks[0], expect.stringMatching(/^[\w-]{22}$/)]);
  expect(marks[0]).toMatch(/^[\w-]{22}$/);
  expect(marks[0]).not.toBe(viewer);
  expect(marks[3]).not.toBe(marks[0]);
});

test("another site or another secret makes another mark of the same name", () => {
  const marks = [viewerMarkOf("s", "a", "n"), viewerMarkOf("s", "b", "n"), viewerMarkOf("t", "a", "n")];
  expect(new Set(marks).size).toBe(3);
});
