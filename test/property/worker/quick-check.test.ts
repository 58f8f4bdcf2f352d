import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { quickCheck } from "../../../worker/jobs/quick-check.ts";
import { ReceivedSampleSchema } from "../../../worker/protocol/index.ts";
import { received } from "../../unit/worker/samples.ts";
import { placedArb } from "./arbitraries.ts";

const quick = quickCheck(ReceivedSampleSchema);
const peer = "0000aaaaaaaaaaaaaaaaaa";
const FULL = received({ startupMs: 5, peer, links: [{ peer: `1111${peer.slice(4)}`, received: 1, sent: 2 }] });

/** Every place in a value where something else may stand, as paths. */
const pathsIn = (value: unknown, path: readonly string[] = []): string[][] =>
  typeof value === "object" && value !== null
    ? [[...path], ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))]
    : [[...path]];

/** A copy with something else at a place, or (`gone`) with nothing there. */
const GONE = Symbol("gone");
const changed = (value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown => {
  if (key === undefined) return to;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...(value as object) };
  const fields = copy as Record<string, unknown>;
  if (rest.length === 0 && to === GONE) delete fields[key];
  else fields[key] = changed(fields[key], rest, to);
  return copy;
};

const ODD: readonly unknown[] = [
  GONE,
  undefined,
  null,
  true,
  "",
  "x",
  "DE",
  "x".repeat(3000),
  `${peer}\n`,
  0,
  -1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e300,
  37_500_000_001,
  10_000_001,
  "5",
  [],
  {},
  [null],
  [{ peer, received: 1, sent: 2, more: 3 }],
  Array.from({ length: 40 }, () => 1),
  { cdn: 1, peer: 2, relay: 3, more: 4 },
];

describe("the quick check of a sample", () => {
  it("takes nothing that the schema refuses, whatever stands wherever", () => {
    let refused = 0;
    for (const path of pathsIn(FULL)) {
      for (const odd of ODD) {
        const sample = changed(FULL, path, odd);
        const takes = v.is(ReceivedSampleSchema, sample);
        if (!takes) refused += 1;
        expect([path, odd, quick(sample) && !takes]).toEqual([path, odd, false]);
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });

  it("takes what viewers send, and so saves the schema its work", () => {
    fc.assert(
      fc.property(placedArb, ({ at, ...rest }) => {
        expect(quick({ ...rest, receivedAt: at })).toBe(true);
      }),
    );
    expect(quick(FULL)).toBe(true);
  });

  it("leaves to the schema what it does not know", () => {
    for (const schema of [
      v.date(),
      v.pipe(v.string(), v.trim()),
      v.number(),
      v.nullable(v.string()),
      v.pipe(v.string(), v.regex(/x/g)),
    ]) {
      expect(quickCheck(schema)("x")).toBe(false);
      expect(quickCheck(schema)(1)).toBe(false);
    }
  });
});
