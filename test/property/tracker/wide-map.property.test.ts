import fc from "fast-check";
import { expect, test } from "vitest";
import { WideMap } from "../../../tracker/swarm/index.ts";

// Up to 3,000 keys, some of which end alike: past the size at which the map is divided, and back.
const stepArb = fc.record({
  act: fc.constantFrom("set", "set", "set", "delete"),
  from: fc.nat(3000),
  count: fc.integer({ min: 1, max: 800 }),
});
const keyOf = (n: number): string => `${n.toString(36)}${n % 3 === 0 ? "--" : ""}`;

test("a wide map holds what a map holds, however it grows and shrinks", () => {
  fc.assert(
    fc.property(fc.array(stepArb, { maxLength: 12 }), (steps) => {
      const real = new WideMap<string, number>();
      const model = new Map<string, number>();
      for (const [turn, { act, from, count }] of steps.entries()) {
        for (let n = from; n < from + count; n++) {
          const key = keyOf(n);
          if (act === "delete") expect(real.delete(key)).toBe(model.delete(key));
          else {
            real.set(key, turn);
            model.set(key, turn);
          }
        }
        expect(real.size).toBe(model.size);
        expect(new Set(real.keys())).toEqual(new Set(model.keys()));
        expect([...real.values()].sort()).toEqual([...model.values()].sort());
        for (let n = 0; n < 3800; n += 7) {
          const key = keyOf(n);
          expect([real.has(key), real.get(key)]).toEqual([model.has(key), model.get(key)]);
        }
      }
    }),
    { numRuns: 50 },
  );
});
