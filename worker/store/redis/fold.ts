import { BUCKET_MS, countsViewers, type Group, type PlacedSample, type Sums, sumsOf } from "../../reports/index.ts";
import type { FoldOutcome } from "../port.ts";
import { SESSION_MEMORY_MS } from "../sessions.ts";
import type { Admission } from "./admission.ts";
import type { Compactor } from "./compact.ts";
import type { Argument } from "./connection.ts";
import { bucketEnd, bucketsOf, type Keys, logOf, spanOf } from "./keys.ts";
import { DeltaWriter } from "./log.ts";
import { pack } from "./packing.ts";
import type { RunScript } from "./scripts.ts";

/** Samples of one step: so many that a step's own cost does not matter, so few that others who use this Redis do not wait for it. */
const STEP_SAMPLES = 2048;

/**
 * Counts samples in steps, one at a time for each site; what comes meanwhile goes into the next one together. Only the finest
 * cells of each dimension are written: `createRollup` makes the others of them.
 */
export function createFold(deps: Deps) {
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

type Deps = {
  readonly keys: Keys;
  readonly run: RunScript;
  readonly admission: Admission;
  readonly compactor: Compactor;
};

/** Leaves out what Redis says it has counted before, until all of the rest is new. */
async function commit(
  { keys, run, admission, compactor }: Deps,
  site: string,
  samples: readonly PlacedSample[],
): Promise<FoldOutcome[]> {
  const outcomes: FoldOutcome[] = samples.map(() => "folded");
  for (;;) {
    const left = [...samples.keys()].filter((index) => outcomes[index] === "folded");
    if (left.length === 0) return outcomes;
    const fresh = left.map((index) => samples[index] as PlacedSample);
    const sums = await admission.with(site, (admit) => sumsOf(fresh, admit));
    const sessions = bySession(fresh);
    const step = stepOf(keys, site, sessions, sums);
    const [seen, long] = readAnswer(await run("commit", step.keys, step.args));
    if (seen.length === 0) {
      compactor.offer(long.flatMap((log) => step.logs[log] ?? []));
      return outcomes;
    }
    for (let i = 0; i < seen.length; i += 2) {
      const place = sessions[Number(seen[i])]?.places[Number(seen[i + 1])];
      const index = place === undefined ? undefined : left[place];
      if (index === undefined) throw new RangeError("Redis names a sample that it was not given");
      outcomes[index] = "duplicate";
    }
  }
}

function readAnswer(answer: unknown): readonly [seen: readonly number[], long: readonly number[]] {
  const lists = Array.isArray(answer) ? answer.map((list) => (Array.isArray(list) ? list.map(Number) : null)) : [];
  const [seen, long] = lists;
  if (!seen || !long) throw new TypeError("Redis did not say what it has counted before");
  return [seen, long];
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

/** Keys and arguments of `commit.lua`, and which logs it appends to. */
function stepOf(keys: Keys, site: string, sessions: readonly SessionPart[], sums: Sums): Step {
  const logs = new Map<string, Log>();
  const viewers = new Map<string, { readonly end: number; readonly who: readonly string[] }>();
  const spans = new Set<string>();
  for (const group of sums.groups) {
    if (group.rows.size === 0) continue;
    const { resolution, bucket, stream, dimension } = group;
    if (resolution !== "day") {
      spans.add(spanOf({ bucket: Math.floor((bucket * BUCKET_MS[resolution]) / BUCKET_MS.hour), stream }));
    }
    for (const part of dimension === "stream" ? byStream(group) : [group]) {
      const number = logOf(resolution, bucket);
      const key = keys.log(site, part, resolution, number);
      const { from, to } = bucketsOf(resolution, number);
      const log = logs.get(key) ?? { first: from, end: bucketEnd(dimension, resolution, to - 1), groups: [] };
      logs.set(key, log);
      log.groups.push(part);
    }
    for (const [value, row] of countsViewers(dimension) ? group.rows : []) {
      const key = keys.viewers(site, { stream, dimension, value, resolution, bucket });
      viewers.set(key, { end: bucketEnd(dimension, resolution, bucket), who: [...(sums.viewers.get(row) ?? [])] });
    }
  }
  const writer = new DeltaWriter(sums.ledger);
  const names = [...logs.keys()];
  return {
    logs: names,
    keys: [
      keys.open(site, "hour"),
      ...sessions.map(({ session }) => keys.session(site, session)),
      ...names,
      ...viewers.keys(),
    ],
    args: [
      String(sessions.length),
      String(logs.size),
      String(SESSION_MEMORY_MS),
      pack([...spans]),
      pack(sessions.flatMap(({ seqs }) => [seqs.length, ...seqs])),
      ...[...logs.values()].flatMap(({ first, end, groups }) => [String(end), writer.write(groups, first)]),
      ...[...viewers.values()].flatMap(({ end, who }) => [String(end), pack(who)]),
    ],
  };
}

type Step = { readonly keys: string[]; readonly args: Argument[]; readonly logs: readonly string[] };
type Log = { readonly first: number; readonly end: number; readonly groups: Group[] };

/** The total of each stream has a log of its own, for it is nearly always asked for alone. */
const byStream = (group: Group): Group[] =>
  [...group.rows].map((entry) => ({ ...placeOf(group), stream: entry[0], rows: new Map([entry]) }));

const placeOf = ({ dimension, resolution, bucket }: Group) => ({ dimension, resolution, bucket });
