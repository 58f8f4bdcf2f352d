import { BUCKET_MS, bucketOf, type Scope } from "../../reports/index.ts";
import type { Asked, Wanted } from "./asked.ts";
import { rangeOf } from "./rows.ts";

/** What the days of a range tell apart, day by day; of those that are over for some days nothing is known any more. */
export function namesOf(
  { keys, command }: Asked,
  { site, resolution, range }: Pick<Wanted, "site" | "resolution" | "range">,
  scope: Scope,
): Promise<string[][]> {
  const dayOf = (bucket: number): number => bucketOf(bucket * BUCKET_MS[resolution], "day");
  return Promise.all(
    rangeOf(dayOf(range.from), dayOf(range.to - 1) + 1).map(async (day) => {
      const members = await command(keys.names(site, scope, day), "SMEMBERS");
      return Array.isArray(members) ? members.map(String) : [];
    }),
  );
}
