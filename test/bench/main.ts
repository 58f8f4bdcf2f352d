/**
 * `npm run bench`: what Shoal claims, measured next to plain hls.js and p2p-media-loader on the same media in one run, counted at
 * the origin; then the simulator's scenarios. Prints a table; `--json FILE` keeps every figure.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openLab } from "./browser/lab.ts";
import { type BrowserResult, runBrowser } from "./browser/run.ts";
import { BROWSER_SCENARIOS, CONTENDERS } from "./browser/scenarios.ts";

const HELP = `Usage: npm run bench -- [options]
  --json FILE         write all figures to FILE
  --only TEXT         only scenarios whose name contains TEXT
  --contenders A,B    of ${CONTENDERS.join(", ")} (default: all)
  --repeat N          runs of each (default 1); the table shows each run
  --help`;

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    only: { type: "string", default: "" },
    contenders: { type: "string", default: CONTENDERS.join(",") },
    repeat: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const contenders = CONTENDERS.filter((name) => values.contenders.split(",").includes(name));
const scenarios = BROWSER_SCENARIOS.filter(({ name }) => name.includes(values.only));
const results: BrowserResult[] = [];
const lab = await openLab();
try {
  for (const scenario of scenarios) {
    for (let run = 0; run < Number(values.repeat); run++) {
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
console.table(
  results.map((r) => ({
    scenario: r.scenario,
    contender: r.contender,
    offload: r.offload.toFixed(3),
    bound: r.bound.toFixed(3),
    copies: r.copiesPerSegment?.toFixed(2) ?? "",
    stalls: r.stalls,
    "start ms": Math.round(r.startupMs),
    "behind live s": r.latency?.toFixed(1) ?? "",
    "CPU s/viewer": r.cpuPerViewer.toFixed(1),
    errors: r.errors.length,
  })),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ browser: results }, null, 2)}\n`);
