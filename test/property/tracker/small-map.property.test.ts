import fc from "fast-check";
import { expect, test } from "vitest";
import { SmallMap } from "../../../tracker/swarm/index.ts";

test("a small map says what a map says, in the same order, however it grows and shrinks", () => {
  const stepArb = fc.record({ act: fc.constantFrom("set", "set", "delete"), key: fc.nat(40), value: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(stepArb, { maxLength: 200, size: "max" }), (steps) => {
      const real = new SmallMap<number, number>();
      const model = new Map<number, number>();
      for (const { act, key, value } of steps) {
        if (act === "delete") expect(real.delete(key)).toBe(model.delete(key));
        else {
          real.set(key, value);
          model.set(key, value);
        }
        expect(real.size).toBe(model.size);
        expect(real.get(key)).toBe(model.get(key));
        expect(real.has(key)).toBe(model.has(key));
        expect([...real.keys()].map((name) => [name, real.get(name)])).toEqual([...model]);
      }
    }),
  );
});
