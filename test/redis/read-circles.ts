import type { RedisServer } from "../support/redis.ts";

/** A circle as it lies in Redis; see `tracker/store/redis/scripts/shared/circles.lua`. */
export type StoredCircle = {
  /** How many entries Redis thinks there are. */
  readonly count: number;
  readonly entries: readonly string[];
  /** Entries that lie in another field than the one where they would be looked for. */
  readonly astray: number;
};

const WIDTH = 9;
const BUCKET = 16;

/** Reads all circles of a swarm. */
export async function circlesIn(server: RedisServer, key: string): Promise<Map<string, StoredCircle>> {
  const flat = (await server.command("HGETALL", key)) as Record<string, string>;
  const fields = Object.entries(flat).filter(([field]) => /^(\*|[0-9a-z]{1,7})(\/\d+)?$/.test(field));
  const heads = fields.filter(([field]) => !field.includes("/"));
  return new Map(
    heads.map(([name, text]) => {
      if (!text.startsWith("#")) return [name, { count: text.length / WIDTH, entries: cut(text), astray: 0 }] as const;
      const count = Number(text.slice(1));
      const homes = fields.filter(([field]) => field.startsWith(`${name}/`));
      const placed = homes.flatMap(([field, home]) =>
        cut(home).map((entry) => ({ entry, at: Number(field.split("/")[1]) })),
      );
      const astray = placed.filter(({ entry, at }) => at !== placeOf(entry, Math.ceil(count / BUCKET))).length;
      return [name, { count, entries: placed.map(({ entry }) => entry), astray }] as const;
    }),
  );
}

const cut = (text: string): string[] => text.match(new RegExp(`.{${WIDTH}}`, "g")) ?? [];

/** Linear hashing: by as many bits of the number as the fields need, or one less where that field is not there yet. */
function placeOf(entry: string, fields: number): number {
  const number = Number.parseInt(entry, 36);
  let span = 1;
  while (span < fields) span *= 2;
  const at = number % span;
  return at < fields ? at : number % (span / 2);
}
