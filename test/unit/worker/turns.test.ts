import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTurns, lazy } from "../../../worker/dashboard/turns.ts";

describe("what the report page does in turns", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is done in its order, one thing a turn, none of them in the caller's", () => {
    const done: string[] = [];
    createTurns()(["a", "b", "c"].map((name) => () => void done.push(name)));
    expect(done).toEqual([]);
    vi.advanceTimersToNextTimer();
    expect(done).toEqual(["a"]);
    vi.advanceTimersToNextTimer();
    expect(done).toEqual(["a", "b"]);
    vi.runAllTimers();
    expect(done).toEqual(["a", "b", "c"]);
  });

  it("gives way to what is newer", () => {
    const done: string[] = [];
    const inTurns = createTurns();
    inTurns(["old a", "old b"].map((name) => () => void done.push(name)));
    vi.advanceTimersToNextTimer();
    inTurns(["new a", "new b"].map((name) => () => void done.push(name)));
    vi.runAllTimers();
    expect(done).toEqual(["old a", "new a", "new b"]);
  });
});

it("makes what is lazy once, and only when it is asked for", () => {
  let made = 0;
  const value = lazy(() => ++made);
  expect(made).toBe(0);
  expect([value(), value()]).toEqual([1, 1]);
});
