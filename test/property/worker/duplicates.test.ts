import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlacedSample } from "../../../worker/reports/index.ts";
import { createMemoryStore } from "../../../worker/store/memory.ts";
import { MAX_RUNS, note, type Sequences } from "../../../worker/store/sequences.ts";
import { allOf } from "./all-of.ts";
import { placedArb } from "./arbitraries.ts";

const NOW = Date.UTC(2026, 0, 31, 3);

const foldedIn = async (batches: readonly (readonly PlacedSample[])[]) => {
  const store = createMemoryStore({ clock: () => NOW, maxStreams: 2, viewerKey: new Uint8Array(32).fill(3) });
  for (const batch of batches) await store.fold(batch);
  return allOf(store);
};

describe("repeats", () => {
  it("never change a report, wherever they come", async () => {
    const withRepeats = fc
      .uniqueArray(placedArb, { selector: ({ sample }) => `${sample.session} ${sample.seq}`, maxLength: 20 })
      .chain((samples) => fc.tuple(fc.constant(samples), fc.infiniteStream(fc.nat())));
    await fc.assert(
      fc.asyncProperty(withRepeats, async ([samples, picks]) => {
        const repeated = samples.flatMap((sample, index) => {
          const again = samples[(picks.next().value ?? 0) % (index + 1)];
          return again === undefined ? [sample] : [sample, again];
        });
        expect(await foldedIn([repeated, samples])).toEqual(await foldedIn([samples]));
      }),
      { numRuns: 40 },
    );
  });

  it("and neither does the way that samples are cut into batches", async () => {
    const cut = fc.tuple(
      fc.uniqueArray(placedArb, { selector: ({ sample }) => `${sample.session} ${sample.seq}`, maxLength: 20 }),
      fc.nat({ max: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(cut, async ([samples, at]) => {
        expect(await foldedIn([samples.slice(0, at), samples.slice(at)])).toEqual(await foldedIn([samples]));
      }),
      { numRuns: 40 },
    );
  });
});

describe("sequence memory", () => {
  /** Windows of numbers with repeats, gaps and disorder: what retried batches of one session look like. */
  const arrivals = fc
    .array(fc.tuple(fc.nat({ max: 300 }), fc.integer({ min: 1, max: 20 }), fc.boolean()), { maxLength: 40 })
    .map((windows) =>
      windows.flatMap(([start, length, back]) => {
        const run = Array.from({ length }, (_, offset) => start + offset);
        return back ? run.reverse() : run;
      }),
    );

  it("never takes a repeat for new, whatever it had to forget", () => {
    const scattered = fc.array(fc.nat({ max: 150 }), { minLength: 60, maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(arrivals, scattered), (numbers) => {
        const sequences: Sequences = [];
        const counted = new Set<number>();
        for (const seq of numbers) {
          if (note(sequences, seq) === "seen") continue;
          expect(counted.has(seq)).toBe(false);
          counted.add(seq);
        }
        expect(sequences.length).toBeLessThanOrEqual(2 * MAX_RUNS);
      }),
    );
  });

  it("is exact as long as there are few gaps", () => {
    const few = fc.array(fc.nat({ max: 2 * MAX_RUNS - 1 }), { maxLength: 80 });
    fc.assert(
      fc.property(few, (numbers) => {
        const sequences: Sequences = [];
        const counted = new Set<number>();
        for (const seq of numbers) {
          expect(note(sequences, seq)).toBe(counted.has(seq) ? "seen" : "new");
          counted.add(seq);
        }
      }),
    );
  });

  it("keeps ascending runs that never touch", () => {
    fc.assert(
      fc.property(arrivals, (numbers) => {
        const sequences: Sequences = [];
        for (const seq of numbers) note(sequences, seq);
        for (let at = 1; at < sequences.length; at += 1) {
          expect(sequences[at] ?? 0).toBeGreaterThan(sequences[at - 1] ?? 0);
        }
      }),
    );
  });
});
