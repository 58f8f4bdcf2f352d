import assert from "node:assert/strict";
import type { Outcome } from "../../sim/outcome.ts";
import { type RunOptions, run } from "../../sim/run.ts";
import { type Scenario, scenario } from "../../sim/scenario.ts";

/** Plays a scenario and fails with what went wrong and how to see it again. */
export function play(changes: Partial<Scenario>, options: RunOptions = {}): Outcome {
  const played = scenario(changes);
  const outcome = run(played, options);
  const { count, first } = outcome.violations;
  const told = first
    .slice(0, 5)
    .map(({ rule, atMs, viewer, detail }) => `${rule} at ${atMs} ms, viewer ${viewer}: ${detail}`);
  assert.equal(count, 0, `${count} broken promises in ${JSON.stringify(changes)}\n${told.join("\n")}`);
  return outcome;
}

/** Fails unless `value` is at least `least`. */
export const atLeast = (value: number, least: number, what: string): void =>
  assert.ok(value >= least, `${what} is ${value}, below ${least}`);
