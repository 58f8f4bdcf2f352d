import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BATCH_MS, BATCHES_IN_FLIGHT, createBatcher } from "../../../../tracker/samples/batcher.ts";
import { BATCH_SAMPLES, type ReceivedSample, type SampleBatch } from "../../../../worker/protocol/index.ts";
import { NOWHERE, sample } from "../support/values.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const received = (count: number): ReceivedSample[] =>
  Array.from({ length: count }, (_, seq) => ({ site: "s", receivedAt: 1, ...NOWHERE, sample: sample({ seq }) }));

function setup(answer: () => Promise<void> = async () => undefined) {
  const sizes: number[] = [];
  const failures: number[] = [];
  const accept = (batch: SampleBatch): Promise<void> => {
    sizes.push(batch.samples.length);
    return answer();
  };
  const batcher = createBatcher({ accept }, { onFailure: (_, samples) => failures.push(samples) });
  return { batcher, sizes, failures };
}

test("samples wait for company, and all of them get the sink's answer", async () => {
  const { batcher, sizes } = setup();
  const results = [batcher.add(received(3)), batcher.add(received(4))];
  await vi.advanceTimersByTimeAsync(BATCH_MS - 1);
  expect(sizes).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sizes).toEqual([7]);
  expect(await Promise.all(results)).toEqual(["accepted", "accepted"]);
});

test("a full batch goes at once, and one that would overflow goes before", async () => {
  const { batcher, sizes } = setup();
  for (let reports = 0; reports < BATCH_SAMPLES / 16; reports++) void batcher.add(received(16));
  await vi.advanceTimersByTimeAsync(0);
  expect(sizes).toEqual([BATCH_SAMPLES]);
  for (let reports = 0; reports < 20; reports++) void batcher.add(received(15));
  await vi.advanceTimersByTimeAsync(0);
  expect(sizes).toEqual([BATCH_SAMPLES, 255]);
  await batcher.flush();
  expect(sizes).toEqual([BATCH_SAMPLES, 255, 45]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a sink that fails is reported, and the next batch is tried all the same", async () => {
  let broken = true;
  const { batcher, failures } = setup(() => (broken ? Promise.reject(new Error("down")) : Promise.resolve()));
  const first = batcher.add(received(2));
  await batcher.flush();
  expect(await first).toBe("failed");
  expect(failures).toEqual([2]);
  broken = false;
  const second = batcher.add(received(1));
  await batcher.flush();
  expect(await second).toBe("accepted");
});

test("a sink that never answers holds a bounded number of batches", async () => {
  const { batcher, sizes } = setup(() => new Promise(() => undefined));
  for (let batches = 0; batches < BATCHES_IN_FLIGHT; batches++) void batcher.add(received(BATCH_SAMPLES));
  expect(await batcher.add(received(1))).toBe("busy");
  await vi.advanceTimersByTimeAsync(BATCH_MS);
  expect(sizes).toHaveLength(BATCHES_IN_FLIGHT);
});
