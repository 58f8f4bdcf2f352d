import { beforeEach, describe, expect, it } from "vitest";
import type { ReceivedSample } from "../../../worker/protocol/index.ts";
import { minuteOf, summarise } from "../../../worker/reports/index.ts";
import { createMemoryStore, MAX_SITES, type MemoryStoreOptions } from "../../../worker/store/memory.ts";
import type { ReportStore } from "../../../worker/store/port.ts";
import { createSessionMemory, SESSION_MEMORY_MS } from "../../../worker/store/sessions.ts";
import { NOON, received, sessionId } from "./samples.ts";

let now = NOON;
const makeStore = (options: Partial<MemoryStoreOptions> = {}): ReportStore =>
  createMemoryStore({
    clock: () => now,
    retentionMinutes: 60,
    maxStreams: 2,
    viewerKey: new Uint8Array(32).fill(7),
    ...options,
  });
const put = (store: ReportStore, { site, receivedAt, sample }: ReceivedSample) =>
  store.fold({ site, minute: minuteOf(receivedAt), sample });
const played = async (store: ReportStore, stream: string | null) => {
  const range = { from: minuteOf(now) - 59, to: minuteOf(now) + 1 };
  const key = stream === null ? null : received({ stream }).sample.stream;
  return summarise(stream, range, await store.read(key, range)).bytes.played;
};

beforeEach(() => {
  now = NOON;
});

describe("the memory store", () => {
  it("keeps streams apart and knows them all together", async () => {
    const store = makeStore();
    await put(store, received({ stream: "film", played: 1 }));
    await put(store, received({ stream: "news", played: 2, seq: 1 }));
    expect([await played(store, "film"), await played(store, "news"), await played(store, null)]).toEqual([1, 2, 3]);
    expect(await store.streams()).toEqual([
      { stream: "news", played: 2 },
      { stream: "film", played: 1 },
    ]);
  });

  it("counts streams beyond the cap of a site as other, and leaves other sites alone", async () => {
    const store = makeStore();
    for (const [seq, stream] of ["a", "b", "c", "d", "a"].entries())
      await put(store, received({ stream, seq, played: 1 }));
    await put(store, received({ stream: "c", played: 1 }, { site: "second" }));
    expect(await played(store, "a")).toBe(2);
    expect(await played(store, "other")).toBe(2);
    expect(await played(store, "c")).toBe(1);
    expect(await played(store, null)).toBe(6);
  });

  it("bounds the sites too", async () => {
    const store = makeStore();
    for (let site = 0; site < MAX_SITES + 50; site += 1) await put(store, received({}, { site: `site${site}` }));
    expect(store.size().streams).toBe(MAX_SITES + 1);
    expect(await played(store, "film")).toBe((MAX_SITES + 50) * 1_000);
  });

  it("adds up a stream of the same name on two sites", async () => {
    const store = makeStore();
    await put(store, received({}, { site: "one" }));
    await put(store, received({}, { site: "two" }));
    expect(await played(store, "film")).toBe(2_000);
    expect(await store.streams()).toEqual([{ stream: "film", played: 2_000 }]);
  });

  it("drops minutes that are past retention, and the streams that have none left", async () => {
    const store = makeStore();
    await put(store, received({ stream: "old" }));
    now = NOON + 59 * 60_000;
    await put(store, received({ stream: "young", seq: 1 }, { receivedAt: now }));
    expect((await store.streams()).map(({ stream }) => stream)).toEqual(["old", "young"]);
    now = NOON + 60 * 60_000;
    expect((await store.streams()).map(({ stream }) => stream)).toEqual(["young"]);
    expect(await played(store, null)).toBe(1_000);
    expect(store.size().buckets).toBe(2);
  });

  it("says what a stream played within retention, not ever", async () => {
    const store = makeStore();
    await put(store, received({}));
    now = NOON + 30 * 60_000;
    await put(store, received({ seq: 1, played: 5 }, { receivedAt: now }));
    now = NOON + 60 * 60_000;
    expect(await store.streams()).toEqual([{ stream: "film", played: 5 }]);
  });

  it("takes the same number of another session, or of another site, for a different sample", async () => {
    const store = makeStore();
    await put(store, received({}));
    await put(store, received({ session: sessionId(2) }));
    await put(store, received({}, { site: "second" }));
    expect(await put(store, received({ played: 5 }))).toBe("duplicate");
    expect(await played(store, null)).toBe(3_000);
  });
});

describe("the memory of sessions", () => {
  it("lasts for two hours after the last sample", () => {
    const memory = createSessionMemory();
    memory.note("a", 0, 0);
    memory.note("b", 0, 0);
    memory.note("a", 1, 1_000);
    memory.expire(SESSION_MEMORY_MS);
    expect(memory.size()).toBe(1);
    expect(memory.note("a", 0, SESSION_MEMORY_MS)).toBe("seen");
  });
  it("forgets whoever was silent longest when it is full", () => {
    const memory = createSessionMemory(2);
    for (const session of ["a", "b", "a", "c"]) memory.note(session, 0, 0);
    expect(memory.size()).toBe(2);
    expect(memory.note("a", 0, 0)).toBe("seen");
    expect(memory.note("b", 0, 0)).toBe("new");
  });
});
