/**
 * `npm run bench:reports`: what reports cost, against their targets. Prints a table for each part; `--json FILE` keeps the figures,
 * `--only fold,queries` runs some of the parts. Parts run one after the other: each wants the machine for itself.
 */
import { writeFileSync } from "node:fs";
import { chosenFrom, countFrom, readArguments } from "../arguments.ts";
import { benchFold } from "./fold.ts";
import { benchLive } from "./live.ts";
import { benchQueries } from "./queries.ts";
import { benchStorage } from "./storage.ts";

const HELP = `npm run bench:reports -- [options]

  --only PARTS     fold, queries, live, storage, comma separated (all)
  --samples N      of the backlog that is folded (1000000)
  --streams N      in it, and in the days that are asked for (100)
  --viewers N      who told the backlog (5000)
  --json FILE      writes the figures to a file
  --help`;

const values = readArguments({
  samples: { type: "string", default: "1000000" },
  streams: { type: "string", default: "100" },
  viewers: { type: "string", default: "5000" },
  only: { type: "string", default: "fold,queries,live,storage" },
  json: { type: "string" },
  help: { type: "boolean", default: false },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const samples = countFrom("samples", values.samples);
const streams = countFrom("streams", values.streams);
const viewers = countFrom("viewers", values.viewers);

const NAMES = ["fold", "queries", "live", "storage"] as const;
type Part = { readonly takes: string; readonly run: () => Promise<object> };
const PARTS: Readonly<Record<(typeof NAMES)[number], Part>> = {
  fold: { takes: "a minute", run: () => benchFold({ samples, streams, viewers }) },
  queries: { takes: "five minutes", run: () => benchQueries({ streams, days: 30 }) },
  live: { takes: "three minutes", run: () => benchLive({ viewers: 8, seconds: 120, visits: 5 }) },
  storage: { takes: "a quarter of a minute", run: () => benchStorage({ viewers: 20, visitMinutes: 30 }) },
};

const results: Record<string, object> = {};
for (const name of chosenFrom("only", values.only, NAMES)) {
  const part = PARTS[name];
  console.log(`${name} (about ${part.takes})`);
  results[name] = await part.run();
  console.table(results[name]);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
