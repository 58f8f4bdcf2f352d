import { type Admit, bucketOf, OTHER, specOf } from "../reports/index.ts";

/** Days whose names are remembered: a sample counts for today or, around midnight, for yesterday. */
const DAYS_KEPT = 2;

/** Which values have a place of their own on which day: the first that come. */
export type Admission = {
  readonly admit: Admit;
  readonly prune: (now: number) => void;
  /** Who has a place, and the way back. */
  readonly entries: () => Iterable<readonly [day: number, scope: string, values: readonly string[]]>;
  readonly restore: (day: number, scope: string, values: readonly string[]) => void;
};

/** `maxStreams`: distinct streams of a site on one day. */
export const createAdmission = (maxStreams: number): Admission => {
  const days = new Map<number, Map<string, Set<string>>>();
  const scopesOf = (day: number): Map<string, Set<string>> => {
    const scopes = days.get(day) ?? new Map<string, Set<string>>();
    days.set(day, scopes);
    return scopes;
  };

  return {
    admit: ({ stream, dimension }, day) => {
      const scopes = scopesOf(day);
      const key = `${dimension}/${stream ?? ""}`;
      const known = scopes.get(key) ?? new Set<string>();
      scopes.set(key, known);
      const most = dimension === "stream" ? maxStreams : specOf(dimension).most;
      return (value) => {
        if (known.has(value)) return value;
        if (value === OTHER || known.size >= most) return OTHER;
        known.add(value);
        return value;
      };
    },
    prune: (now) => {
      for (const day of days.keys()) if (day <= bucketOf(now, "day") - DAYS_KEPT) days.delete(day);
    },
    entries: function* () {
      for (const [day, scopes] of days) for (const [scope, values] of scopes) yield [day, scope, [...values]];
    },
    restore: (day, scope, values) => {
      scopesOf(day).set(scope, new Set(values));
    },
  };
};
