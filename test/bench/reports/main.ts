/**
 * `npm run bench:reports`: what reports cost, against their targets. Prints a table for each part; `--json FILE` keeps the figures,
 * `--only fold,queries` runs some of the parts. Parts run one after the other: each wants the machine for itself.
 */
import { writeFileSync } from "node:fs";
import { readArguments } from "../arguments.ts";
import { benchFold } from "./fold.ts";
import { benchLive } from "./live.ts";
import { benchQueries } from "./queries.ts";
import { benchStorage } from "./storage.ts";

const values = readArguments({
  samples: { type: "string", default: "1000000" },
  streams: { type: "string", default: "100" },
  viewers: { type: "string", default: "5000" },
  only: { type: "string", default: "fold,queries,live,storage" },
  json: { type: "string" },
});
const [samples, streams, viewers] = [Number(values.samples), Number(values.streams), Number(values.viewers)];

const PARTS: Readonly<Record<string, () => Promise<object>>> = {
  fold: () => benchFold({ samples, streams, viewers }),
  queries: () => benchQueries({ streams, days: 30 }),
  live: () => benchLive({ viewers: 8, seconds: 120, visits: 5 }),
  storage: () => benchStorage({ viewers: 20, visitMinutes: 30 }),
};

const results: Record<string, object> = {};
for (const name of values.only.split(",")) {
  const part = PARTS[name];
  if (part === undefined) {
    console.error(`--only takes ${Object.keys(PARTS).join(", ")}, not "${name}"`);
    process.exit(2);
  }
  results[name] = await part();
  console.log(name);
  console.table(results[name]);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
