import {
  BUCKET_MS,
  type CellUpdate,
  finestUpdatesOf,
  type PlacedSample,
  RESOLUTIONS,
  type Resolution,
  specOf,
} from "../../reports/index.ts";
import type { FoldOutcome } from "../port.ts";
import { SESSION_MEMORY_MS } from "../sessions.ts";
import type { Admission } from "./admission.ts";
import type { Argument } from "./connection.ts";
import { bucketEnd, fieldOf, type Keys, pageEnd, pageOf, spanOf } from "./keys.ts";
import { numbered, pack } from "./packing.ts";
import type { RunScript } from "./scripts.ts";

/** Samples of one step: so many that a step's own cost does not matter, so few that others who use this Redis do not wait for it. */
const STEP_SAMPLES = 1024;

/**
 * Counts samples in steps, one at a time for each site; what comes meanwhile goes into the next one together. Only the finest
 * cells of each dimension are written: `createRollup` makes the others of them.
 */
export function createFold(deps: { readonly keys: Keys; readonly run: RunScript; readonly admission: Admission }) {
  type Waiting = {
    readonly samples: readonly PlacedSample[];
    readonly done: (outcomes: readonly FoldOutcome[]) => void;
    readonly fail: (error: unknown) => void;
  };
  const lines = new Map<string, Waiting[]>();

  const work = async (site: string, line: Waiting[]): Promise<void> => {
    while (line.length > 0) {
      const step: Waiting[] = [];
      let size = 0;
      for (let next = line[0]; next && (size === 0 || size + next.samples.length <= STEP_SAMPLES); next = line[0]) {
        size += next.samples.length;
        step.push(next);
        line.shift();
      }
      try {
        const outcomes = await commit(
          deps,
          site,
          step.flatMap(({ samples }) => samples),
        );
        let at = 0;
        for (const { samples, done } of step) {
          done(outcomes.slice(at, at + samples.length));
          at += samples.length;
        }
      } catch (error) {
        for (const { fail } of step) fail(error);
      }
    }
    lines.delete(site);
  };

  /** All samples are of this site. */
  return (site: string, samples: readonly PlacedSample[]): Promise<readonly FoldOutcome[]> =>
    new Promise((done, fail) => {
      const line = lines.get(site);
      const waiting = { samples, done, fail };
      if (line !== undefined) {
        line.push(waiting);
        return;
      }
      const fresh = [waiting];
      lines.set(site, fresh);
      void work(site, fresh);
    });
}

type Deps = { readonly keys: Keys; readonly run: RunScript; readonly admission: Admission };

/** Leaves out what Redis says it has counted before, until all of the rest is new. */
async function commit(
  { keys, run, admission }: Deps,
  site: string,
  samples: readonly PlacedSample[],
): Promise<FoldOutcome[]> {
  const outcomes: FoldOutcome[] = samples.map(() => "folded");
  for (;;) {
    const left = [...samples.keys()].filter((index) => outcomes[index] === "folded");
    if (left.length === 0) return outcomes;
    const fresh = left.map((index) => samples[index] as PlacedSample);
    const updates = await admission.with(site, (admit) => finestUpdatesOf(fresh, admit));
    const sessions = bySession(fresh);
    const seen = await run("commit", ...stepOf(keys, site, sessions, updates));
    if (!Array.isArray(seen)) throw new TypeError("Redis did not say what it has counted before");
    if (seen.length === 0) return outcomes;
    for (let i = 0; i < seen.length; i += 2) {
      const place = sessions[Number(seen[i])]?.places[Number(seen[i + 1])];
      const index = place === undefined ? undefined : left[place];
      if (index === undefined) throw new RangeError("Redis names a sample that it was not given");
      outcomes[index] = "duplicate";
    }
  }
}

type SessionPart = { readonly session: string; readonly seqs: number[]; readonly places: number[] };

function bySession(samples: readonly PlacedSample[]): readonly SessionPart[] {
  const parts = new Map<string, SessionPart>();
  for (const [place, { sample }] of samples.entries()) {
    const part = parts.get(sample.session) ?? { session: sample.session, seqs: [], places: [] };
    parts.set(sample.session, part);
    part.seqs.push(sample.seq);
    part.places.push(place);
  }
  return [...parts.values()];
}

/** Keys and arguments of `commit.lua`. */
function stepOf(
  keys: Keys,
  site: string,
  sessions: readonly SessionPart[],
  updates: Iterable<CellUpdate>,
): [keys: string[], args: Argument[]] {
  type Page = { readonly end: number; readonly cells: Map<string, Map<number, number>> };
  const pages = new Map<string, Page>();
  const viewers = new Map<string, { readonly end: number; readonly who: readonly string[] }>();
  const spans = new Set<string>();

  for (const { name, counts, viewers: who } of updates) {
    const { dimension, resolution, bucket, stream, value } = name;
    const page = pageOf(dimension, resolution, bucket);
    const key = keys.page(site, name, resolution, page);
    const { cells } =
      pages.get(key) ?? put(pages, key, { end: pageEnd(dimension, resolution, page), cells: new Map() });
    cells.set(fieldOf(bucket, value), numbered(counts));
    if (who.size > 0) {
      viewers.set(keys.viewers(site, name), { end: bucketEnd(dimension, resolution, bucket), who: [...who] });
    }
    const hour = Math.floor((bucket * BUCKET_MS[resolution]) / BUCKET_MS.hour);
    if (resolution !== "day") spans.add(spanOf({ bucket: hour, stream }));
  }
  return [
    [
      keys.open(site, "hour"),
      ...sessions.map(({ session }) => keys.session(site, session)),
      ...pages.keys(),
      ...viewers.keys(),
    ],
    [
      String(sessions.length),
      String(pages.size),
      String(SESSION_MEMORY_MS),
      pack([...spans]),
      ...sessions.map(({ seqs }) => pack(seqs)),
      ...[...pages.values()].flatMap(({ end, cells }) => [String(end), pack(cells)]),
      ...[...viewers.values()].flatMap(({ end, who }) => [String(end), pack(who)]),
    ],
  ];
}

/** The finest buckets that a dimension has: the only ones that samples are written to. */
export const finestOf = (dimension: Parameters<typeof specOf>[0]): Resolution =>
  RESOLUTIONS.find((resolution) => specOf(dimension).resolutions.includes(resolution)) ?? "day";

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Value {
  map.set(key, value);
  return value;
}
