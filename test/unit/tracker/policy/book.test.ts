import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openPolicyBook, type RuleStore } from "../../../../tracker/policy/index.ts";

const BASE = { mode: "share", uploadBitsPerSecond: 1, sampleMs: 5000, holdoutShare: 0 } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a store that is on its way up is no news; one that stays away, or goes away again, is told of once", async () => {
  let there = false;
  let look = (): void => undefined;
  const store: RuleStore = {
    load: () => (there ? Promise.resolve([]) : Promise.reject(new Error("no connection"))),
    put: () => Promise.resolve("kept"),
    remove: () => Promise.resolve(),
    watch(changed) {
      look = changed;
      return () => undefined;
    },
  };
  const told: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void told.push(line) });
  const book = openPolicyBook({ base: BASE, store, log, onChange: () => undefined });
  const looks = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) {
      look();
      await vi.advanceTimersByTimeAsync(0);
    }
    return told.length;
  };
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([]);
  there = true;
  expect(await looks(1)).toBe(0);
  there = false;
  expect(await looks(1)).toBe(0);
  expect(await looks(5)).toBe(1);
  there = true;
  expect(await looks(1)).toBe(1);
  there = false;
  expect(await looks(3)).toBe(2);
  book.close();
});
