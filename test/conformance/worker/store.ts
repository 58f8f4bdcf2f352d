import { describe, expect, it } from "vitest";
import { bucketOf, DIMENSIONS, HOUR_MS, OTHER, type PlacedSample, specOf } from "../../../worker/reports/index.ts";
import { createMemoryStore } from "../../../worker/store/memory.ts";
import type { Look, ReportStore } from "../../../worker/store/port.ts";
import { MAX_RUNS } from "../../../worker/store/sequences.ts";
import { makeCrowd } from "../../bench/reports/crowd.ts";
import { randomStream } from "../../sim/random.ts";
import { received, sessionId } from "../../unit/worker/samples.ts";

export type Opened = {
  readonly store: ReportStore;
  /** Another way to the same cells, as another worker has it. */
  readonly other: ReportStore;
  /** Does whatever a store does with the time that goes by; `ms` of it have passed since it was opened. */
  readonly settle: (ms: number) => Promise<void>;
};
export type Open = (options: { readonly maxStreams: number }) => Promise<Opened>;

/** The middle of an hour, and of a minute, that is over. */
const NOW = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOUR_MS / 2 + 30_000;

type Changes = Parameters<typeof received>[0];
const placed = (changes: Changes = {}, site = "site", at = NOW): PlacedSample => {
  const { receivedAt: _, ...rest } = received({ at, ...changes }, { site, receivedAt: at });
  return { ...rest, at };
};
const SPANS = {
  minute: { resolution: "minute", from: bucketOf(NOW, "minute") - 90, to: bucketOf(NOW, "minute") + 90 },
  hour: { resolution: "hour", from: bucketOf(NOW, "hour") - 2, to: bucketOf(NOW, "hour") + 2 },
  day: { resolution: "day", from: bucketOf(NOW, "day") - 1, to: bucketOf(NOW, "day") + 2 },
} as const;

/** Everything that a store says of a site, as plain values that compare. */
async function everything(store: ReportStore, site: string, streams: readonly string[]): Promise<unknown> {
  const said: Record<string, unknown> = {};
  for (const dimension of DIMENSIONS) {
    const { of, resolutions } = specOf(dimension);
    const looks: Look[] = [
      ...(of === "stream" ? [] : [{ stream: null, dimension }]),
      ...(of === "site" ? [] : streams.map((stream) => ({ stream, dimension }))),
    ];
    for (const look of looks) {
      for (const resolution of resolutions) {
        const cells = await store.read(site, look, [SPANS[resolution]]);
        said[`${look.stream} ${dimension} ${resolution}`] = Object.fromEntries(
          [...cells].map(([value, list]) => [
            value,
            list.map(({ bucket, cell }) => ({ bucket, peak: cell.peak, counts: Object.fromEntries(cell.counts) })),
          ]),
        );
      }
    }
  }
  return said;
}

async function played(store: ReportStore, look: Look, site = "site"): Promise<number> {
  const cells = await store.read(site, look, [SPANS.day]);
  return [...cells.values()].flat().reduce((sum, { cell }) => sum + (cell.counts.get("played") ?? 0), 0);
}

/** What every store of reports must do. */
export function describeReportStore(name: string, open: Open): void {
  describe(name, () => {
    it("says the same as one fold in memory, whatever order, repeats and workers the batches come with", async () => {
      const { store, other, settle } = await open({ maxStreams: 1000 });
      const random = randomStream(7, "conformance");
      const crowd = makeCrowd({ streams: 4, viewers: 40, seed: 7, site: "site" });
      const samples = [-400_000, -62_000, -57_000, 0, 5000].flatMap((shift) =>
        crowd.round(NOW + shift).map(({ receivedAt, ...rest }): PlacedSample => ({ ...rest, at: receivedAt })),
      );
      const oracle = createMemoryStore({ clock: () => NOW, maxStreams: 1000, viewerKey: new Uint8Array(32) });
      await oracle.fold(samples);

      const shuffled = [...samples].sort(() => random() - 0.5);
      const batches = Array.from({ length: 12 }, (_, index) => shuffled.filter((__, at) => at % 12 === index));
      const told = await Promise.all(
        [...batches, ...batches.slice(3)].map((batch, index) => (index % 2 === 0 ? store : other).fold(batch)),
      );
      const outcomes = told.flat();
      expect(outcomes.filter((outcome) => outcome === "folded")).toHaveLength(samples.length);

      const streams = [...(await oracle.read("site", { stream: null, dimension: "stream" }, [SPANS.day])).keys()];
      const expected = await everything(oracle, "site", streams);
      expect(await everything(store, "site", streams)).toEqual(expected);
      await settle(3 * HOUR_MS);
      expect(await everything(other, "site", streams)).toEqual(expected);
      await settle(48 * HOUR_MS);
      expect(await everything(store, "site", streams)).toEqual(expected);
      const late = placed({ session: sessionId(9), stream: streams[0] ?? "" });
      await Promise.all([oracle.fold([late]), store.fold([late])]);
      expect(await everything(store, "site", streams)).toEqual(await everything(oracle, "site", streams));

      for (const span of Object.values(SPANS)) {
        expect(await store.viewers("site", null, [span])).toBe(41);
        const [stream = ""] = streams;
        expect(await store.viewers("site", stream, [span])).toBe(await oracle.viewers("site", stream, [span]));
      }
    });

    it("tells which samples it had counted before, in their order", async () => {
      const { store } = await open({ maxStreams: 10 });
      expect(await store.fold([placed({ seq: 0 }), placed({ seq: 0 }), placed({ seq: 2 })])).toEqual([
        "folded",
        "duplicate",
        "folded",
      ]);
      expect(await store.fold([placed({ seq: 1 }), placed({ seq: 2 }), placed({ seq: 3 })])).toEqual([
        "folded",
        "duplicate",
        "folded",
      ]);
      expect(await played(store, { stream: null, dimension: "all" })).toBe(4000);
    });

    it("takes the same number of another session, or of another site, for another sample", async () => {
      const { store } = await open({ maxStreams: 10 });
      const three = [placed(), placed({ session: sessionId(2) }), placed({}, "second {site}: ü")];
      expect(await store.fold(three)).toEqual(["folded", "folded", "folded"]);
      expect(await played(store, { stream: null, dimension: "all" })).toBe(2000);
      expect(await played(store, { stream: null, dimension: "all" }, "second {site}: ü")).toBe(1000);
      expect(await store.sites()).toEqual(["second {site}: ü", "site"]);
    });

    it("remembers more gaps than it can keep as if they were closed: lost rather than counted twice", async () => {
      const { store } = await open({ maxStreams: 10 });
      for (let run = 0; run <= MAX_RUNS; run++) await store.fold([placed({ seq: run * 2 })]);
      expect(await store.fold([placed({ seq: 1 }), placed({ seq: 5 }), placed({ seq: 5 })])).toEqual([
        "duplicate",
        "folded",
        "duplicate",
      ]);
    });

    it("counts streams beyond the cap as other, the same for every worker", async () => {
      const { store, other } = await open({ maxStreams: 2 });
      const streams = ["a", "b", "c", "d", "a", OTHER];
      for (const [seq, stream] of streams.entries()) {
        await (seq % 2 === 0 ? store : other).fold([placed({ stream, seq, played: 1 })]);
      }
      const cells = await store.read("site", { stream: null, dimension: "stream" }, [SPANS.day]);
      expect([...cells.keys()].sort()).toEqual(["a", "b", OTHER]);
      expect(await played(other, { stream: null, dimension: "stream", value: OTHER })).toBe(3);
      expect(await played(other, { stream: null, dimension: "stream", value: "a" })).toBe(2);
      expect(await played(store, { stream: OTHER, dimension: "country" })).toBe(3);
    });

    it("is bounded when one site names very many streams at once", async () => {
      const { store } = await open({ maxStreams: 50 });
      const flood = Array.from({ length: 2000 }, (_, index) =>
        placed({ stream: `flood-${index}`, seq: index, played: 1 }),
      );
      await store.fold(flood);
      const cells = await store.read("site", { stream: null, dimension: "stream" }, [SPANS.day]);
      expect(cells.size).toBe(51);
      expect(await played(store, { stream: null, dimension: "all" })).toBe(2000);
    });

    it("counts a viewer who keeps a name once, however many sessions and streams it has, and another site's apart", async () => {
      const { store, other, settle } = await open({ maxStreams: 10 });
      const viewer = "V".repeat(22);
      const visits = [1, 2, 3].map((session) => ({ ...placed({ session: sessionId(session) }), viewer }));
      const elsewhere = { ...placed({ session: sessionId(4), stream: "news" }), viewer };
      await store.fold([...visits.slice(0, 2), elsewhere, { ...placed({}, "second"), viewer }]);
      await other.fold([...visits.slice(2), placed({ session: sessionId(5) })]);
      const spans = [SPANS.minute];
      expect(await store.viewers("site", null, spans)).toBe(2);
      expect(await store.viewers("site", "film", spans)).toBe(2);
      expect(await store.viewers("site", "news", spans)).toBe(1);
      expect(await other.viewers("second", null, spans)).toBe(1);
      await settle(3 * HOUR_MS);
      expect(await other.viewers("site", null, [SPANS.hour])).toBe(2);
    });

    it("has nothing of what nobody counted", async () => {
      const { store } = await open({ maxStreams: 10 });
      expect((await store.read("nobody", { stream: "none", dimension: "country" }, [SPANS.minute])).size).toBe(0);
      expect(await store.viewers("nobody", null, [SPANS.hour])).toBe(0);
      expect(await store.fold([])).toEqual([]);
    });
  });
}
