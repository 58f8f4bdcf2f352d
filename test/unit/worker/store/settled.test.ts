import { expect, it } from "vitest";
import { type Cell, emptyCell } from "../../../../worker/reports/index.ts";
import { createSettled, KEPT_MS } from "../../../../worker/store/redis/settled.ts";

const cellsOf = (...buckets: number[]) =>
  new Map([["a", new Map<number, Cell>(buckets.map((bucket) => [bucket, emptyCell()]))]]);

function openSettled(most?: number) {
  let now = 0;
  const settled = createSettled(() => now, most);
  const wait = (ms: number): void => {
    now += ms;
  };
  const recalled = (from: number, to: number) => {
    const { kept, missing } = settled.recall("of", { from, to });
    return { buckets: [...(kept.get("a")?.keys() ?? [])], missing: missing.to - missing.from };
  };
  return { settled, wait, recalled };
}

it("recalls what was kept, and tells what is missing", () => {
  const { settled, recalled } = openSettled();
  settled.keep("of", { from: 1, to: 5 }, cellsOf(1, 2, 4), []);
  expect(recalled(1, 5)).toEqual({ buckets: [1, 2, 4], missing: 0 });
  expect(settled.recall("of", { from: 0, to: 5 }).missing).toEqual({ from: 0, to: 1 });
  expect(settled.recall("of another", { from: 1, to: 5 }).missing).toEqual({ from: 1, to: 5 });
});

it("does not keep what is open, nor what it is told to forget", () => {
  const { settled, recalled } = openSettled();
  settled.keep("of", { from: 1, to: 5 }, cellsOf(1, 2, 3, 4), [1, 4]);
  expect(settled.recall("of", { from: 1, to: 5 }).missing).toEqual({ from: 1, to: 5 });
  expect(recalled(2, 4)).toEqual({ buckets: [2, 3], missing: 0 });
  settled.forget("of", [2]);
  expect(recalled(2, 4)).toEqual({ buckets: [3], missing: 1 });
});

it("keeps nothing for longer than it may", () => {
  const { settled, wait, recalled } = openSettled();
  settled.keep("of", { from: 1, to: 3 }, cellsOf(1, 2), []);
  wait(KEPT_MS - 1);
  expect(recalled(1, 3).missing).toBe(0);
  wait(1);
  expect(recalled(1, 3)).toEqual({ buckets: [], missing: 2 });
});

it("keeps no more cells than it may, the newest of them", () => {
  const { settled, recalled } = openSettled(6);
  for (let bucket = 0; bucket < 50; bucket++) settled.keep("of", { from: bucket, to: bucket + 1 }, cellsOf(bucket), []);
  expect(recalled(0, 50).buckets).toEqual([47, 48, 49]);
});
