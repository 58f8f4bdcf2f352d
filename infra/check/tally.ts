import { existsSync, readFileSync } from "node:fs";
import * as v from "valibot";

export type Tally = { readonly passed: number; readonly failed: number };

const ResultsSchema = v.object({
  numPassedTests: v.number(),
  numFailedTests: v.number(),
  numFailedTestSuites: v.number(),
});

/**
 * Counts what vitest's JSON report at `path` says. A run that ended badly (`ok` false) counts at least one failure, so that a
 * crash between the tests, a file that cannot be loaded or an unhandled error never looks green.
 */
export function countTests(path: string, ok: boolean): Tally {
  if (!existsSync(path)) return { passed: 0, failed: 1 };
  const results = v.parse(ResultsSchema, JSON.parse(readFileSync(path, "utf8")));
  const failed = Math.max(results.numFailedTests, ok ? 0 : 1);
  return { passed: results.numPassedTests, failed };
}
