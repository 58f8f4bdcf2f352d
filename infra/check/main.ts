/**
 * `npm test`: everything that must hold, in the order in which it fails fastest. Ends with one line `N passed, N failed`
 * that counts each test, and each check that is no test as one.
 *
 * `npm test -- unit` runs the tests of one project only (see vitest.config.ts), without the other checks.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareMachine } from "./machine.ts";
import { countTests, type Tally } from "./tally.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Checks that pass or fail as one, each a command of this project. */
const CHECKS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["format and lint", "biome", "check", "--error-on-warnings", "."],
  ["types", "tsc", "-b"],
  ["typed lint", "eslint", "--config", "infra/lint/eslint.config.js", "--max-warnings", "0", "."],
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
];

function run(command: string, args: readonly string[]): boolean {
  const path = `${join(ROOT, "node_modules/.bin")}:${process.env.PATH ?? ""}`;
  const result = spawnSync(command, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, PATH: path } });
  if (result.error !== undefined) console.error(`${command} could not be started: ${result.error.message}`);
  return result.status === 0;
}

/** The names of the checks that failed. */
function runChecks(): readonly string[] {
  return CHECKS.flatMap(([name, command, ...args]) => {
    console.log(`\n── ${name}`);
    return run(command, args) ? [] : [name];
  });
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
const checks = projects.length === 0 ? CHECKS : [];
const failedChecks = projects.length === 0 ? runChecks() : [];
const tests = runTests(projects);
const passed = checks.length - failedChecks.length + tests.passed;
const failed = failedChecks.length + tests.failed;
// The tests' output is long: what failed before it is said again where one looks.
for (const name of failedChecks) console.error(`\n${name}: FAILED (see above)`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && tests.passed > 0 ? 0 : 1;
