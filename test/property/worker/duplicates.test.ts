import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sample } from "../../../worker/protocol/index.ts";
import { summarise } from "../../../worker/reports/index.ts";
import { createMemoryStore } from "../../../worker/store/memory.ts";
import { MAX_RUNS, note, type Sequences } from "../../../worker/store/sequences.ts";
import { sampleArb } from "./arbitraries.ts";

const NOW = 1_769_860_830_000;
const MINUTE = Math.floor(NOW / 60_000);
const RANGE = { from: MINUTE - 59, to: MINUTE + 1 };

const summaryOf = async (samples: readonly Sample[]) => {
  const viewerKey = new Uint8Array(32).fill(3);
  const store = createMemoryStore({ clock: () => NOW, retentionMinutes: 60, maxStreams: 2, viewerKey });
  for (const sample of samples) {
    await store.fold({ site: "site", minute: MINUTE - (sample.seq % 3), sample });
  }
  return summarise(null, RANGE, await store.read(null, RANGE));
};

describe("repeats", () => {
  it("never change a report, wherever they come", async () => {
    const withRepeats = fc
      .uniqueArray(sampleArb, { selector: ({ session, seq }) => `${session} ${seq}`, maxLength: 30 })
      .chain((samples) => fc.tuple(fc.constant(samples), fc.infiniteStream(fc.nat())));
    await fc.assert(
      fc.asyncProperty(withRepeats, async ([samples, picks]) => {
        const repeated: Sample[] = [];
        for (const sample of samples) {
          repeated.push(sample);
          const again = repeated[(picks.next().value ?? 0) % repeated.length];
          if (again !== undefined) repeated.push(again);
        }
        expect(await summaryOf([...repeated, ...samples])).toEqual(await summaryOf(samples));
      }),
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
