import { beforeEach, describe, expect, it } from "vitest";
import { bucketOf, count, DAY_MS, HOUR_MS, MINUTE_MS, merge, type Resolution } from "../../../worker/reports/index.ts";
import { createMemoryStore, MAX_SITES, type MemoryStoreOptions } from "../../../worker/store/memory.ts";
import type { Look, ReportStore } from "../../../worker/store/port.ts";
import { createSessionMemory, SESSION_MEMORY_MS } from "../../../worker/store/sessions.ts";
import { NOON, placed, sessionId } from "./samples.ts";

let now = NOON;
const makeStore = (options: Partial<MemoryStoreOptions> = {}): ReportStore =>
  createMemoryStore({ clock: () => now, maxStreams: 2, viewerKey: new Uint8Array(32).fill(7), ...options });

const ALL: Look = { stream: null, dimension: "all" };
const streamLook = (value: string): Look => ({ stream: null, dimension: "stream", value });
const spanOf = (resolution: Resolution, ms: number) => ({
  resolution,
  from: bucketOf(now - ms, resolution),
  to: bucketOf(now, resolution) + 1,
});
const played = async (store: ReportStore, look: Look, span = spanOf("minute", HOUR_MS), site = "site") => {
  const found = [...(await store.read(site, look, [span])).values()].flat();
  return count(merge(found.map(({ cell }) => cell)), "played");
};
const values = async (store: ReportStore, look: Look, span = spanOf("day", 0)) => [
  ...(await store.read("site", look, [span])).keys(),
];

beforeEach(() => {
  now = NOON;
});

describe("the memory store", () => {
  it("keeps streams apart and knows them all together, in every resolution", async () => {
    const store = makeStore();
    await store.fold([placed({ stream: "film", played: 1 }), placed({ stream: "news", played: 2, seq: 1 })]);
    for (const span of [spanOf("minute", 0), spanOf("hour", 0), spanOf("day", 0)]) {
      expect(await played(store, streamLook("film"), span)).toBe(1);
      expect(await played(store, streamLook("news"), span)).toBe(2);
      expect(await played(store, ALL, span)).toBe(3);
    }
    expect(await values(store, { stream: null, dimension: "stream" })).toEqual(["film", "news"]);
  });

  it("counts streams beyond the cap of a site as other, and leaves other sites alone", async () => {
    const store = makeStore();
    await store.fold(["a", "b", "c", "d", "a"].map((stream, seq) => placed({ stream, seq, played: 1 })));
    await store.fold([placed({ stream: "c", played: 1 }, { site: "second" })]);
    expect(await played(store, streamLook("a"))).toBe(2);
    expect(await played(store, streamLook("other"))).toBe(2);
    expect(await played(store, streamLook("c"))).toBe(0);
    expect(await played(store, streamLook("c"), spanOf("minute", 0), "second")).toBe(1);
    expect(await played(store, ALL)).toBe(5);
  });

  it("is not filled by 100,000 streams of one site, and loses none of their bytes", async () => {
    const store = makeStore({ maxStreams: 10 });
    const one = placed();
    for (let start = 0; start < 100_000; start += 1_000) {
      const batch = Array.from({ length: 1_000 }, (_, n) => {
        const stream = `s${start + n}` as typeof one.sample.stream;
        return { ...one, sample: { ...one.sample, stream, seq: start + n } };
      });
      await store.fold(batch);
    }
    expect(await played(store, ALL)).toBe(100_000_000);
    expect(await values(store, { stream: null, dimension: "stream" })).toHaveLength(11);
    expect(store.size().cells).toBeLessThan(1_000);
  });

  it("bounds the sites too", async () => {
    const store = makeStore();
    await store.fold(Array.from({ length: MAX_SITES + 50 }, (_, site) => placed({}, { site: `site${site}` })));
    expect(await store.sites()).toHaveLength(MAX_SITES + 1);
    expect(await played(store, ALL, spanOf("minute", 0), "other")).toBe(50_000);
  });

  it("keeps minutes for two days, of totals and of breakdowns, hours for ninety days", async () => {
    const store = makeStore();
    await store.fold([placed()]);
    const countries: Look = { stream: null, dimension: "country" };
    const thereAfter = async (ms: number) => {
      now = NOON + ms;
      const since = (resolution: Resolution) => ({ resolution, from: 0, to: bucketOf(now, resolution) + 1 });
      return {
        minutes: await played(store, ALL, since("minute")),
        countryMinutes: await played(store, countries, since("minute")),
        countryHours: await played(store, countries, since("hour")),
        days: await played(store, ALL, since("day")),
      };
    };
    for (const ms of [6 * HOUR_MS, 2 * DAY_MS - 2 * MINUTE_MS]) {
      expect(await thereAfter(ms)).toEqual({
        minutes: 1_000,
        countryMinutes: 1_000,
        countryHours: 1_000,
        days: 1_000,
      });
    }
    expect(await thereAfter(2 * DAY_MS + MINUTE_MS)).toEqual({
      minutes: 0,
      countryMinutes: 0,
      countryHours: 1_000,
      days: 1_000,
    });
    expect(await thereAfter(90 * DAY_MS + HOUR_MS)).toEqual({
      minutes: 0,
      countryMinutes: 0,
      countryHours: 0,
      days: 1_000,
    });
    expect(await thereAfter(731 * DAY_MS)).toMatchObject({ days: 0 });
    expect(store.size()).toEqual({ cells: 0, sessions: 0 });
  });

  it("takes the same number of another session, or of another site, for a different sample", async () => {
    const store = makeStore();
    const batch = [placed(), placed({ session: sessionId(2) }), placed({}, { site: "second" }), placed({ played: 5 })];
    expect(await store.fold(batch)).toEqual(["folded", "folded", "folded", "duplicate"]);
    expect(await played(store, ALL)).toBe(2_000);
  });

  it("counts different viewers of stretches of time together", async () => {
    const store = makeStore();
    const at = (minutes: number, session: number) => ({
      ...placed({ session: sessionId(session), seq: minutes }),
      at: NOON - minutes * MINUTE_MS,
    });
    await store.fold([at(0, 1), at(0, 2), at(1, 2), at(1, 3), at(70, 4)]);
    expect(await store.viewers("site", null, [spanOf("minute", 0)])).toBe(2);
    expect(await store.viewers("site", "film", [spanOf("minute", MINUTE_MS)])).toBe(3);
    expect(await store.viewers("site", "film", [spanOf("hour", 2 * HOUR_MS)])).toBe(4);
    expect(await store.viewers("site", "news", [spanOf("hour", 2 * HOUR_MS)])).toBe(0);
  });

  it("lets an hour and a day know the most sessions that any minute of them had", async () => {
    const store = makeStore();
    now = NOON + 30 * MINUTE_MS;
    const at = (minutes: number, session: number) => ({
      ...placed({ session: sessionId(session) }),
      at: now - minutes * MINUTE_MS,
    });
    await store.fold([at(0, 1), at(2, 2), at(2, 3), at(2, 4)]);
    await store.fold([at(0, 5)]);
    for (const resolution of ["hour", "day"] as const) {
      const cells = [...(await store.read("site", ALL, [spanOf(resolution, 0)])).values()].flat();
      expect(Math.max(...cells.map(({ cell }) => cell.peak))).toBe(3);
    }
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
