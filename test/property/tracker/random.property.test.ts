import fc from "fast-check";
import { expect, test } from "vitest";
import { SampleSet } from "../../../tracker/store/memory/sample-set.ts";
import { sampleIndexes, takeOne } from "../../../tracker/swarm/index.ts";

const randomArb = fc
  .infiniteStream(
    fc.oneof(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.constantFrom(0, 1 - 2 ** -53)),
  )
  .map((stream) => () => Number(stream.next().value));

test("a sample has as many different indexes as there are, all in range", () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), randomArb, (length, count, random) => {
      const indexes = sampleIndexes(length, count, random);
      expect(new Set(indexes).size).toBe(Math.min(length, count));
      expect(indexes.length).toBe(Math.min(length, count));
      expect(indexes.every((index) => index >= 0 && index < length)).toBe(true);
    }),
  );
});

test("taken one by one, everything comes once", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60, size: "max" }), randomArb, (items, random) => {
      const left = [...items];
      const taken = items.map(() => takeOne(left, random));
      expect(left).toEqual([]);
      expect(taken.sort()).toEqual([...items].sort());
    }),
  );
});

test("every item is taken first as often as any other", () => {
  const counts = new Map<number, number>();
  for (let draw = 0; draw < 20_000; draw++) {
    const first = takeOne([0, 1, 2, 3, 4], Math.random) ?? -1;
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  // 4000 expected each, with a standard deviation of 57: eight of those either way.
  for (let item = 0; item < 5; item++) expect(Math.abs((counts.get(item) ?? 0) - 4000)).toBeLessThan(456);
});

test("every item is drawn as often as any other", () => {
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 20_000; draw++) {
    for (const index of sampleIndexes(10, 3, Math.random)) counts[index] = (counts[index] ?? 0) + 1;
  }
  // 6000 expected each, with a standard deviation of 65: eight of those either way.
  for (const count of counts) expect(Math.abs(count - 6000)).toBeLessThan(520);
});

test("a sample set holds what a set holds, after any additions and removals", () => {
  const stepArb = fc.tuple(fc.constantFrom("add" as const, "remove" as const), fc.nat(40).map(String));
  fc.assert(
    fc.property(fc.array(stepArb, { maxLength: 300, size: "max" }), randomArb, (steps, random) => {
      const real = new SampleSet<string>();
      const model = new Set<string>();
      for (const [step, item] of steps) {
        real[step](item);
        if (step === "add") model.add(item);
        else model.delete(item);
        expect(real.size()).toBe(model.size);
      }
      expect(new Set(real.draw(50, random))).toEqual(model);
    }),
  );
});
