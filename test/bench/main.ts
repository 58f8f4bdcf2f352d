/**
 * `npm run bench`: what Shoal claims, measured next to plain hls.js and p2p-media-loader on the same media in one run, counted at
 * the origin; then the simulator's scenarios. Prints a table; `--json FILE` keeps every figure.
 */
import { writeFileSync } from "node:fs";
import { METERS } from "../sim/meters.ts";
import { createProgress } from "../sim/progress.ts";
import { chosenFrom, countFrom, readArguments } from "./arguments.ts";
import { OVERLOAD_WARNING, OVERLOADED } from "./browser/busy.ts";
import { CONTENDERS } from "./browser/contenders.ts";
import { openLab } from "./browser/lab.ts";
import { mediansOf } from "./browser/medians.ts";
import type { BrowserResult } from "./browser/result.ts";
import { runBrowser } from "./browser/run.ts";
import { BROWSER_SCENARIOS } from "./browser/scenarios.ts";
import { verdictRow, verdictsOf } from "./browser/verdict.ts";
import { simRow } from "./sim/rows.ts";
import { runSim, type SimResult } from "./sim/run.ts";

const SUITES = ["browser", "sim", "all"] as const;

const HELP = `Usage: npm run bench -- [options]
  --suite NAME        ${SUITES.join(", ")} (default: all)
  --json FILE         write all figures to FILE
  --only TEXT         only scenarios whose name contains TEXT
  --contenders A,B    of ${CONTENDERS.join(", ")} (default: all)
  --repeat N          runs of each in browsers (default 1); the table shows their medians
  --seeds N           simulations of each, with the seeds 1 to N (default 1)
  --minutes M         length of the simulations that have a target (default: their own, 5 to 10)
  --large             what a swarm of 10,000 costs instead of 1,000; half an hour, node --max-old-space-size=8192
  --help`;

const values = readArguments({
  suite: { type: "string", default: "all" },
  json: { type: "string" },
  only: { type: "string", default: "" },
  contenders: { type: "string", default: CONTENDERS.join(",") },
  repeat: { type: "string", default: "1" },
  seeds: { type: "string", default: "1" },
  minutes: { type: "string" },
  large: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

if (!SUITES.some((suite) => suite === values.suite)) {
  console.error(`--suite must be one of ${SUITES.join(", ")}, not "${values.suite}"`);
  process.exit(2);
}

const contenders = chosenFrom("contenders", values.contenders, CONTENDERS);
const repeat = countFrom("repeat", values.repeat);
const seeds = countFrom("seeds", values.seeds);
const minutes = values.minutes === undefined ? undefined : countFrom("minutes", values.minutes);

async function browsers(): Promise<BrowserResult[]> {
  const scenarios = BROWSER_SCENARIOS.filter(({ name }) => name.includes(values.only));
  const results: BrowserResult[] = [];
  if (scenarios.length === 0) return results;
  const lab = await openLab();
  try {
    for (const scenario of scenarios) {
      for (let run = 0; run < repeat; run++) {
        for (const contender of contenders) {
          const seconds = (scenario.viewers - 1) * scenario.joinEvery + scenario.stay;
          console.error(`${scenario.name}: ${contender} (about ${seconds} s)`);
          results.push(await runBrowser(lab, scenario, contender));
        }
      }
    }
  } finally {
    await lab.close();
  }
  return results;
}

function simulations(): SimResult[] {
  const progress = createProgress(process.stderr, METERS.wallMs);
  const results = runSim({
    only: values.only,
    seeds,
    minutes,
    large: values.large,
    meters: METERS,
    onProgress: progress.tell,
  });
  progress.clear();
  return results;
}

const results = values.suite === "sim" ? [] : await browsers();
const browser = verdictsOf(mediansOf(results));
if (browser.length > 0) console.table(browser.map(verdictRow));
if (browser.some(({ machineBusy }) => machineBusy > OVERLOADED)) console.log(OVERLOAD_WARNING);
const sim = values.suite === "browser" ? [] : simulations();
if (sim.length > 0) console.table(sim.map(simRow));
if (browser.length + sim.length === 0) {
  console.error(`--only: no scenario's name contains "${values.only}"`);
  process.exit(2);
}
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ browser, browserRuns: results, sim }, null, 2)}\n`);
}
