import { type Admit, DAY_MS, OTHER, type Scope, specOf } from "../../reports/index.ts";
import type { Keys } from "./keys.ts";
import type { RunScript } from "./scripts.ts";

/** Answers kept in this process; when there are more, all are asked for anew. */
const KEPT_ANSWERS = 200_000;
/** How long after its end a day's places are kept: as long as there are minutes that they name, and longer than any sample is late. */
const KEPT_MS = 3 * DAY_MS;

/** Which values have a place of their own. Redis decides, once and for all workers. */
export type Admission = {
  /** Runs `use` with what is known; where that is not enough, asks and, if it was not as supposed, runs it again. */
  readonly with: <T>(site: string, use: (admit: Admit) => T) => Promise<T>;
};

/** The values of one scope on one day. `full`: all that will ever have a place are among them. */
type Names = { readonly own: Set<string>; full: boolean };

/** `maxStreams`: distinct streams of a site on one day. */
export function createAdmission(keys: Keys, run: RunScript, maxStreams: number): Admission {
  const known = new Map<string, Names>();
  let answers = 0;

  const namesOf = (key: string): Names => {
    const names = known.get(key) ?? { own: new Set<string>(), full: false };
    known.set(key, names);
    return names;
  };
  /** Returns whether all of the values have a place. */
  const ask = async (key: string, { scope, day, values }: Question): Promise<boolean> => {
    const end = Math.ceil(((day + 1) * DAY_MS + KEPT_MS) / 1000);
    const most = scope.dimension === "stream" ? maxStreams : specOf(scope.dimension).most;
    const told = await run("admit", [key], [String(most), String(end), ...values]);
    if (!Array.isArray(told)) throw new TypeError("Redis did not say who was admitted");
    const [full, ...admitted] = told.map(String);
    const names = namesOf(key);
    for (const value of admitted) names.own.add(value);
    names.full = full === "1";
    answers += admitted.length;
    return [...values].every((value) => names.own.has(value));
  };

  return {
    async with(site, use) {
      if (answers > KEPT_ANSWERS) {
        known.clear();
        answers = 0;
      }
      for (;;) {
        const questions = new Map<string, Question>();
        const result = use((scope, day) => {
          const key = keys.names(site, scope, day);
          const { own, full } = namesOf(key);
          return (value) => {
            if (value === OTHER || own.has(value)) return value;
            if (full) return OTHER;
            const question = questions.get(key) ?? { scope, day, values: new Set<string>() };
            questions.set(key, question);
            question.values.add(value);
            // Most have a place when there is one left.
            return value;
          };
        });
        // What a stream is called comes first: one without a place has no scope of its own.
        const [streams, rest] = [true, false].map((first) =>
          [...questions].filter(([, { scope }]) => (scope.dimension === "stream") === first),
        );
        const askAll = async (some: typeof streams = []): Promise<boolean> =>
          (await Promise.all(some.map(([key, question]) => ask(key, question)))).every(Boolean);
        if ((await askAll(streams)) && (await askAll(rest))) return result;
      }
    },
  };
}

type Question = { readonly scope: Scope; readonly day: number; readonly values: Set<string> };
