import * as v from "valibot";
import {
  type Counter,
  countViewers,
  DIMENSIONS,
  isCounter,
  MINUTE_MS,
  mergeViewers,
  NO_VIEWERS,
  OTHER,
  type PlacedSample,
  RESOLUTIONS,
  Tally,
  updatesOf,
  viewerMark,
  viewerOf,
  viewersOf,
} from "../reports/index.ts";
import { type Admission, createAdmission } from "./admission.ts";
import type { FoldOutcome, PlacedCell, ReportStore } from "./port.ts";
import { createSessionMemory, MAX_SESSIONS } from "./sessions.ts";
import { createShelves, type Shelves } from "./shelves.ts";

/** Distinct sites kept; samples of further ones are counted under `OTHER`. */
export const MAX_SITES = 1000;

/** Between two looks for what is past its time, in milliseconds. */
const PRUNE_MS = MINUTE_MS;

export type MemoryStoreOptions = {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Distinct streams kept of each site and day. */
  readonly maxStreams: number;
  /** Secret key of the viewer marks, 1-32 random bytes. */
  readonly viewerKey: Uint8Array;
  /** Sessions remembered at once; `MAX_SESSIONS` unless given. */
  readonly maxSessions?: number;
};

/** A store whose state can be taken out and put back, as values that JSON can carry. */
export type MemoryStore = ReportStore & {
  /** The same as `fold`, at once. */
  readonly foldNow: (samples: readonly PlacedSample[]) => readonly FoldOutcome[];
  readonly dump: () => Iterable<unknown>;
  /** Takes what `dump` gave into a store that is empty. @throws v.ValiError when it is something else */
  readonly restore: (values: readonly unknown[]) => void;
};

type Site = { readonly shelves: Shelves; readonly admission: Admission };

/** Cells in this process's memory: for one worker, gone when it ends. */
export const createMemoryStore = (options: MemoryStoreOptions): MemoryStore => {
  const { clock, maxStreams, viewerKey } = options;
  const sessions = createSessionMemory(options.maxSessions ?? MAX_SESSIONS);
  const sites = new Map<string, Site>();
  let prunedAt = 0;

  const siteOf = (name: string): Site => {
    const known = sites.get(name);
    if (known !== undefined) return known;
    const named = sites.size - (sites.has(OTHER) ? 1 : 0);
    if (name !== OTHER && named >= MAX_SITES) return siteOf(OTHER);
    const site = { shelves: createShelves(), admission: createAdmission(maxStreams) };
    sites.set(name, site);
    return site;
  };

  const prune = (): void => {
    const now = clock();
    if (now - prunedAt < PRUNE_MS) return;
    prunedAt = now;
    sessions.expire(now);
    for (const [name, { shelves, admission }] of sites) {
      shelves.prune(now);
      admission.prune(now);
      if (shelves.size() === 0) sites.delete(name);
    }
  };

  const isNew = ({ site, sample }: PlacedSample): boolean =>
    sessions.note(sessionKey(site, sample.session), sample.seq, clock()) === "new";

  const foldNow = (samples: readonly PlacedSample[]): readonly FoldOutcome[] => {
    prune();
    const fresh = new Map<string, PlacedSample[]>();
    const outcomes = samples.map((placed): FoldOutcome => {
      if (!isNew(placed)) return "duplicate";
      const ofSite = fresh.get(placed.site);
      if (ofSite === undefined) fresh.set(placed.site, [placed]);
      else ofSite.push(placed);
      return "folded";
    });
    for (const [name, batch] of fresh) {
      const { shelves, admission } = siteOf(name);
      const marks = new Map(batch.map((placed) => [viewerOf(placed), 0]));
      for (const viewer of marks.keys()) marks.set(viewer, viewerMark(viewerKey, sessionKey(name, viewer)));
      shelves.add(updatesOf(batch, admission.admit), (viewers) =>
        viewersOf([...viewers].map((viewer) => marks.get(viewer) ?? 0)),
      );
    }
    return outcomes;
  };

  return {
    fold: async (samples) => foldNow(samples),
    foldNow,
    read: async (site, { stream, dimension, value }, spans) => {
      prune();
      const found = new Map<string, readonly PlacedCell[]>();
      const shelves = sites.get(site)?.shelves;
      if (shelves === undefined) return found;
      for (const one of value === undefined ? shelves.values({ stream, dimension }) : [value]) {
        const cells = spans.flatMap((span) =>
          shelves
            .within({ stream, dimension }, one, span)
            .map(([bucket, { cell }]) => ({ resolution: span.resolution, bucket, cell })),
        );
        if (cells.length > 0) found.set(one, cells);
      }
      return found;
    },
    viewers: async (site, stream, spans) => {
      const shelves = sites.get(site)?.shelves;
      const scope = { stream: null, dimension: stream === null ? ("all" as const) : ("stream" as const) };
      const sets = spans.flatMap((span) => shelves?.within(scope, stream ?? "", span) ?? []);
      return countViewers(sets.reduce((union, [, { viewers }]) => mergeViewers(union, viewers), NO_VIEWERS));
    },
    sites: async () => [...sites.keys()].sort(),
    size: () => ({
      cells: [...sites.values()].reduce((sum, { shelves }) => sum + shelves.size(), 0),
      sessions: sessions.size(),
    }),
    dump: function* () {
      for (const [session, lastAt, sequences] of sessions.entries()) yield { session, lastAt, sequences };
      for (const [site, { shelves, admission }] of sites) {
        for (const [day, scope, values] of admission.entries()) yield { site, day, scope, values };
        for (const [name, { cell, viewers }] of shelves.entries()) {
          yield { site, name, counts: [...cell.counts], peak: cell.peak, viewers };
        }
      }
    },
    restore: (values) => {
      for (const value of values) {
        const entry = v.parse(DumpedSchema, value);
        if ("session" in entry) sessions.restore(entry.session, entry.lastAt, entry.sequences);
        else if ("day" in entry) siteOf(entry.site).admission.restore(entry.day, entry.scope, entry.values);
        else {
          const counts = Tally.of(entry.counts.filter((pair): pair is [Counter, number] => isCounter(pair[0])));
          siteOf(entry.site).shelves.restore(entry.name, { counts, peak: entry.peak }, entry.viewers);
        }
      }
    },
  };
};

const sessionKey = (site: string, session: string): string => JSON.stringify([site, session]);

/** One value of a dump: a session, the names of a scope, or a cell. */
const DumpedSchema = v.union([
  v.object({ session: v.string(), lastAt: v.number(), sequences: v.array(v.number()) }),
  v.object({ site: v.string(), day: v.number(), scope: v.string(), values: v.array(v.string()) }),
  v.object({
    site: v.string(),
    name: v.object({
      stream: v.nullable(v.string()),
      dimension: v.picklist(DIMENSIONS),
      value: v.string(),
      resolution: v.picklist(RESOLUTIONS),
      bucket: v.number(),
    }),
    counts: v.array(v.tuple([v.string(), v.number()])),
    peak: v.number(),
    viewers: v.array(v.number()),
  }),
]);
