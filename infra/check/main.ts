/**
 * `npm test`: everything that must hold, in the order in which it fails fastest. Ends with one line `N passed, N failed`
 * that counts each test, and each check that is no test as one.
 *
 * `npm test -- unit` runs the tests of one project only (see vitest.config.ts), without the other checks.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareMachine } from "./machine.ts";
import { countTests, type Tally } from "./tally.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

type Check = readonly [name: string, command: string, ...args: string[]];

/**
 * Checks that pass or fail as one, each a command of this project. In two lanes, for as many cores as the smallest machine has: a
 * check may need what those before it in its lane leave behind.
 */
const LANES: readonly (readonly Check[])[] = [
  [
    ["format and lint", "biome", "check", "--error-on-warnings", "."],
    ["types", "tsc", "-b"],
    [
      "import directions",
      "depcruise",
      "--config",
      "infra/lint/directions.cjs",
      "tracker",
      "player",
      "worker",
      "infra",
      "test",
    ],
    ["build", "node", "--import", "tsx", "infra/build/main.ts"],
    ["bundle size", "size-limit"],
  ],
  [["typed lint", "eslint", "--config", "infra/lint/eslint.config.js", "--max-warnings", "0", "."]],
];

const ENV = { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH ?? ""}` };

/** The names of the checks that failed. What each has to say comes in one piece, when it is over. */
async function runChecks(): Promise<readonly string[]> {
  console.log("\n── checks, two at a time (about a minute)");
  const failed = await Promise.all(
    LANES.map(async (lane) => {
      const names: string[] = [];
      for (const check of lane) if (!(await passes(check))) names.push(check[0]);
      return names;
    }),
  );
  return failed.flat();
}

function passes([name, command, ...args]: Check): Promise<boolean> {
  const output: Buffer[] = [];
  const child = spawn(command, args, { cwd: ROOT, env: ENV, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
  child.on("error", (error) => output.push(Buffer.from(couldNotStart(command, error))));
  return new Promise((resolve) => {
    child.on("close", (code) => {
      console.log(`\n── ${name}\n${Buffer.concat(output).toString()}`);
      resolve(code === 0);
    });
  });
}

const couldNotStart = (command: string, error: Error): string => `${command} could not be started: ${error.message}`;

function run(command: string, args: readonly string[]): boolean {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: "inherit", env: ENV });
  if (result.error !== undefined) console.error(couldNotStart(command, result.error));
  return result.status === 0;
}

function runTests(projects: readonly string[]): Tally {
  const folder = mkdtempSync(join(tmpdir(), "shoal-test-"));
  const results = join(folder, "results.json");
  const chosen = projects.flatMap((name) => ["--project", name]);
  console.log("\n── tests");
  const ok = run("vitest", [
    ...["run", "--config", "infra/check/vitest.config.ts", "--reporter=default", "--reporter=json"],
    ...[`--outputFile.json=${results}`, ...chosen],
  ]);
  const tally = countTests(results, ok);
  rmSync(folder, { recursive: true });
  return tally;
}

const projects = process.argv.slice(2);
const machine = prepareMachine();
if (machine.kind === "lacking") {
  console.error(machine.message);
  process.exit(1);
}
const checks = projects.length === 0 ? LANES.flat() : [];
const failedChecks = projects.length === 0 ? await runChecks() : [];
const tests = runTests(projects);
const passed = checks.length - failedChecks.length + tests.passed;
const failed = failedChecks.length + tests.failed;
// The tests' output is long: what failed before it is said again where one looks.
for (const name of failedChecks) console.error(`\n${name}: FAILED (see above)`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && tests.passed > 0 ? 0 : 1;
