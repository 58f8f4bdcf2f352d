import * as v from "valibot";
import { PeerIdSchema } from "../../../protocol/index.ts";
import { GIVING, type Member } from "../../../swarm/index.ts";

const RowSchema = v.tuple([
  PeerIdSchema,
  v.picklist(GIVING),
  v.number(),
  v.string(),
  v.string(),
  v.nullable(v.number()),
  v.nullable(v.string()),
  v.nullable(v.string()),
]);

/** A member as Redis keeps it. */
export function rowOf({ id, giving, joinedAt, locality }: Member): string {
  const { address, prefix, as = null, country = null, group = null } = locality;
  const row: v.InferOutput<typeof RowSchema> = [id, giving, joinedAt, address, prefix, as, country, group];
  return JSON.stringify(row);
}

/** `undefined` for a row that a tracker of another version wrote, or nobody of ours. */
export function memberOf(row: string): Member | undefined {
  const parsed = v.safeParse(RowSchema, parse(row));
  if (!parsed.success) return undefined;
  const [id, giving, joinedAt, address, prefix, as, country, group] = parsed.output;
  const place = {
    ...(as === null ? {} : { as }),
    ...(country === null ? {} : { country }),
    ...(group === null ? {} : { group }),
  };
  return { id, giving, joinedAt, locality: { address, prefix, ...place } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
