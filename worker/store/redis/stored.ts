import type { Resolution } from "../../reports/index.ts";
import type { Look } from "../port.ts";
import type { Asked } from "./asked.ts";
import type { Connection } from "./connection.ts";
import type { Keys } from "./keys.ts";
import { readLogs } from "./read-logs.ts";
import { readPages } from "./read-pages.ts";
import { type Cells, finestOf, type Range } from "./rows.ts";

/** Reads what stands in Redis itself, whether it is true still or not: the finest width from logs, the others from pages. */
export function createStored(keys: Keys, connection: Connection) {
  const asked: Asked = { keys, command: (key, name, ...args) => connection.send(key, [name, key, ...args]) };

  return async (site: string, look: Look, resolution: Resolution, range: Range): Promise<Cells> => {
    if (range.from >= range.to) return new Map();
    const read = resolution === finestOf(look.dimension) ? readLogs : readPages;
    return read(asked, { site, look, resolution, range });
  };
}
