import { type Admit, DAY_MS, OTHER, type Slot, specOf } from "../../reports/index.ts";
import type { Keys } from "./keys.ts";
import type { RunScript } from "./scripts.ts";

/** Answers kept in this process; when there are more, all are asked for anew. */
const KEPT_ANSWERS = 200_000;
/** How long after its end a day's places are kept: longer than any sample of it may be late. */
const KEPT_MS = DAY_MS;

/** Which values have a place of their own. Redis decides, once and for all workers. */
export type Admission = {
  /** Runs `use` with what is known; where that is not enough, asks and runs it again. */
  readonly with: <T>(site: string, use: (admit: Admit) => T) => Promise<T>;
};

/** `maxStreams`: distinct streams of a site on one day. */
export function createAdmission(keys: Keys, run: RunScript, maxStreams: number): Admission {
  let answers = new Map<string, string>();

  const ask = async (site: string, slots: readonly Slot[]): Promise<void> => {
    const [first] = slots;
    if (first === undefined) return;
    const end = Math.ceil(((first.day + 1) * DAY_MS + KEPT_MS) / 1000);
    const most = first.dimension === "stream" ? maxStreams : specOf(first.dimension).most;
    const values = slots.map(({ value }) => value);
    const admitted = await run("admit", [keys.names(site, first, first.day)], [String(most), String(end), ...values]);
    if (!Array.isArray(admitted)) throw new TypeError("Redis did not say who was admitted");
    for (const [index, slot] of slots.entries()) {
      answers.set(nameOf(site, slot), Number(admitted[index]) === 1 ? slot.value : OTHER);
    }
  };

  return {
    async with(site, use) {
      for (;;) {
        const unknown = new Map<string, Map<string, Slot>>();
        const result = use((slot) => {
          if (slot.value === OTHER) return OTHER;
          const name = nameOf(site, slot);
          const answer = answers.get(name);
          if (answer !== undefined) return answer;
          const scope = keys.names(site, slot, slot.day);
          const of = unknown.get(scope) ?? new Map<string, Slot>();
          unknown.set(scope, of.set(slot.value, slot));
          return slot.value;
        });
        if (unknown.size === 0) return result;
        if (answers.size > KEPT_ANSWERS) answers = new Map();
        const scopes = [...unknown.values()].map((slots) => [...slots.values()]);
        // What a stream is called comes first: one without a place has no scope of its own.
        const streams = scopes.filter(([first]) => first?.dimension === "stream");
        await Promise.all((streams.length > 0 ? streams : scopes).map((slots) => ask(site, slots)));
      }
    },
  };
}

const nameOf = (site: string, { stream, dimension, day, value }: Slot): string =>
  JSON.stringify([site, stream, dimension, day, value]);
